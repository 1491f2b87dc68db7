package io.pgcaretaker.cleanup.catalogue;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads PostgreSQL's catalogue, which everybody may. */
public final class CatalogueRepository {

    /** As PostgreSQL writes a literal: no operator, no function. */
    private static final Pattern FIXED =
            Pattern.compile("(?:'(?:[^'\\\\]|'')*'|\\(?-?[0-9.]+\\)?)(?:::[a-z ]+(?:\\([0-9]+\\))?)?");

    /** The tables of that name, outside of PostgreSQL's schemas; Caretaker's own only where the schema is named. */
    public List<Long> find(Session session, @Nullable String schema, String table) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.catalogue-find */
                        select c.oid
                        from pg_class c
                        join pg_namespace n on n.oid = c.relnamespace
                        where c.relname = ?
                          and c.relkind in ('r', 'p', 'v', 'm', 'f')
                          and n.nspname <> 'information_schema'
                          and n.nspname !~ '^pg_'
                          and ((? = '' and n.nspname <> 'caretaker') or n.nspname = ?)
                        order by n.nspname
                        """, table, schema == null ? "" : schema, schema == null ? "" : schema)
                        .plannedOnce(),
                row -> row.getLong(1));
    }

    /** The columns of the table of that name that hold something of their own, in its order. */
    public List<StoredColumn> storedColumns(Session session, TableName table) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.catalogue-stored-columns */
                        with recursive stored as (
                          select attrelid, attnum, attname, atttypid, atttypmod
                          from pg_attribute
                          where attrelid = cast(? as regclass)
                            and attnum > 0
                            and not attisdropped
                            and attgenerated = ''
                        ), made_of (attnum, type) as (
                          select attnum, atttypid
                          from stored
                          union
                          select m.attnum, parts.type
                          from made_of m
                          join pg_type t on t.oid = m.type
                          cross join lateral (
                            select t.typelem
                            union all
                            select t.typbasetype
                            union all
                            select atttypid
                            from pg_attribute
                            where attrelid = t.typrelid
                              and attnum > 0
                              and not attisdropped
                          ) parts (type)
                        )
                        select
                          s.attname,
                          format_type(s.atttypid, s.atttypmod) as type,
                          s.attrelid || '.' || s.attnum as place,
                          (
                            select string_agg(t.typname || ' (' || fields.list || ')', ', ' order by t.typname, t.oid)
                            from made_of m
                            join pg_type t on t.oid = m.type
                            cross join lateral (
                              select string_agg(f.attname || ' ' || ft.typname, ', ' order by f.attnum) as list
                              from pg_attribute f
                              join pg_type ft on ft.oid = f.atttypid
                              where f.attrelid = t.typrelid
                                and f.attnum > 0
                                and not f.attisdropped
                            ) fields
                            where m.attnum = s.attnum
                              and t.typtype = 'c'
                          ) as fields
                        from stored s
                        order by s.attnum
                        """, table.quoted()).plannedOnce(),
                row -> new StoredColumn(
                        row.getString("attname"),
                        row.getString("type"),
                        row.getString("place"),
                        row.getString("fields")));
    }

    /** Everything about one table; empty when it has gone meanwhile. */
    public Optional<Table> table(Session session, long oid) throws SQLException {
        Map<String, String> columns = new HashMap<>();
        Map<String, Integer> numbers = new HashMap<>();
        session.query(Sql.of("""
                        /* caretaker.cleanup.catalogue-columns */
                        select attname, format_type(atttypid, atttypmod), attnum
                        from pg_attribute
                        where attrelid = ?
                          and attnum > 0
                          and not attisdropped
                        """, oid).plannedOnce(), row -> {
            numbers.put(row.getString(1), row.getInt(3));
            return columns.put(row.getString(1), row.getString(2));
        });
        return session.first(Sql.of("""
                        /* caretaker.cleanup.catalogue-table */
                        select
                          n.nspname,
                          c.relname,
                          c.relkind,
                          c.relispartition,
                          exists (select 1 from pg_inherits i where i.inhparent = c.oid) as inherited,
                          row_security_active(c.oid) as row_security,
                          exists (select 1 from pg_rewrite r where r.ev_class = c.oid and r.ev_type = '4') as delete_rule,
                          exists (select 1 from pg_rewrite r where r.ev_class = c.oid and r.ev_type = '2') as update_rule,
                          has_schema_privilege(n.oid, 'usage') as reachable,
                          array(
                            select a.attname::text
                            from pg_index i
                            -- Without what the index only includes.
                            cross join lateral pg_catalog.unnest((i.indkey::int2[])[0:i.indnkeyatts - 1])
                              with ordinality as k (attnum, place)
                            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                            where i.indrelid = c.oid
                              and i.indisprimary
                              and i.indisvalid
                            order by k.place) as primary_key,
                          array(
                            select t.tgname::text
                            from pg_trigger t
                            where t.tgrelid = c.oid
                              and not t.tgisinternal
                              and t.tgenabled <> 'D'
                              and (t.tgtype & 8) <> 0
                              -- Ours: what is held is not picked.
                              and t.tgfoid is distinct from to_regprocedure('caretaker.refuse_held_delete()')
                            order by t.tgname) as delete_triggers,
                          array(
                            select t.tgname::text
                            from pg_trigger t
                            where t.tgrelid = c.oid
                              and not t.tgisinternal
                              and t.tgenabled <> 'D'
                              and (t.tgtype & 16) <> 0
                              and t.tgfoid is distinct from to_regprocedure('caretaker.refuse_held_delete()')
                            order by t.tgname) as update_triggers,
                          array(
                            select p.name
                            from pg_catalog.unnest(array['select', 'update', 'delete']) as p (name)
                            where not has_table_privilege(c.oid, p.name)
                            order by p.name) as missing_privileges,
                          current_user::text as role,
                          case
                            when c.relkind = 'p' then (
                              select coalesce(sum(pg_relation_size(p.relid)), 0)::bigint
                              from pg_partition_tree(c.oid) p
                              where p.isleaf)
                            else pg_relation_size(c.oid)
                          end as bytes
                        from pg_class c
                        join pg_namespace n on n.oid = c.relnamespace
                        where c.oid = ?
                        """, oid).plannedOnce(), row -> read(oid, row, columns, numbers));
    }

    private static Table read(long oid, ResultSet row, Map<String, String> columns, Map<String, Integer> numbers)
            throws SQLException {
        return new Table(
                oid,
                new TableName(row.getString("nspname"), row.getString("relname")),
                row.getString("relkind"),
                row.getBoolean("relispartition"),
                row.getBoolean("inherited"),
                row.getBoolean("row_security"),
                row.getBoolean("delete_rule"),
                row.getBoolean("update_rule"),
                row.getBoolean("reachable"),
                columns,
                numbers,
                texts(row.getArray("primary_key")),
                texts(row.getArray("delete_triggers")),
                texts(row.getArray("update_triggers")),
                texts(row.getArray("missing_privileges")),
                row.getString("role"),
                row.getLong("bytes"));
    }

    /** Tables whose foreign keys to these are not enforced (PostgreSQL 18): nothing is done to their rows, whatever becomes of these. */
    public List<TableName> notEnforced(Session session, List<Long> tables) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.catalogue-not-enforced */
                        select distinct n.nspname as child_schema, c.relname as child_table
                        from pg_constraint f
                        join pg_class c on c.oid = f.conrelid
                        join pg_namespace n on n.oid = c.relnamespace
                        where f.contype = 'f'
                          and f.conparentid = 0
                          and f.confrelid in (
                            select p.oid
                            from unnest(cast(? as oid[])) as p (oid)
                            union
                            select t.relid
                            from unnest(cast(? as oid[])) as p (oid)
                            cross join lateral pg_partition_tree(p.oid) as t)
                          and f.conrelid <> all (cast(? as oid[]))
                          -- By name, since this came with PostgreSQL 18.
                          and not coalesce((pg_catalog.to_jsonb(f) ->> 'conenforced')::boolean, true)
                        order by child_schema, child_table
                        """, oids(tables), oids(tables), oids(tables)).plannedOnce(),
                row -> new TableName(row.getString("child_schema"), row.getString("child_table")));
    }

    private static List<String> oids(List<Long> tables) {
        return tables.stream().map(String::valueOf).toList();
    }

    /** The foreign keys that point to a table or a partition of it; those that a partition inherits are its parent's. */
    public List<ForeignKey> referencing(Session session, long oid) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.catalogue-foreign-keys */
                        -- First of all: there are few, and everything else would be asked of every key and table of the database.
                        with f as materialized (
                          select *
                          from pg_constraint
                          where contype = 'f'
                            and conparentid = 0
                            and confrelid = any (array(
                              select cast(? as oid)
                              union all
                              select relid
                              from pg_partition_tree(cast(? as oid)))))
                        select
                          f.conname,
                          f.conrelid,
                          f.confrelid,
                          cn.nspname as child_schema,
                          c.relname as child_table,
                          pn.nspname as parent_schema,
                          p.relname as parent_table,
                          array(
                            select a.attname::text
                            from pg_catalog.unnest(f.conkey) with ordinality as k (attnum, place)
                            join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum
                            order by k.place) as child_columns,
                          array(
                            select a.attname::text
                            from pg_catalog.unnest(f.confkey) with ordinality as k (attnum, place)
                            join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum
                            order by k.place) as parent_columns,
                          f.confdeltype::text,
                          c.relkind = 'p' as child_partitioned,
                          p.relispartition as to_partition,
                          array(
                            select a.attname::text
                            from pg_catalog.unnest(u.columns) with ordinality as k (attnum, place)
                            join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum
                            order by k.place) as unset_columns,
                          array(
                            select a.attname::text
                            from pg_attribute a
                            where a.attrelid = f.conrelid
                              and a.attnum = any(f.conkey)
                              and a.attnotnull) as child_required,
                          f.confmatchtype = 'f' as whole,
                          u.period,
                          array(
                            select quote_ident(n.nspname) || '.' || quote_ident(c.relname) || ' enable trigger '
                              || quote_ident(g.tgname)
                            from pg_trigger g
                            join pg_constraint k on k.oid = g.tgconstraint and k.confrelid = g.tgrelid
                            join pg_class c on c.oid = g.tgrelid
                            join pg_namespace n on n.oid = c.relnamespace
                            -- A key to a partitioned table has one a partition, under another name.
                            where k.contype = 'f'
                              and k.conrelid = f.conrelid
                              and k.conkey = f.conkey
                              and (g.tgrelid = f.confrelid
                                or g.tgrelid in (select relid from pg_partition_tree(f.confrelid)))
                              and g.tgenabled in ('D', 'R')
                              and (g.tgtype & 8) <> 0
                            order by 1) as switched_off,
                          array(
                            select case
                              when d.adbin is not null then pg_get_expr(d.adbin, d.adrelid)
                              -- A domain has a default of its own, an identity the next number.
                              when a.attidentity = '' and y.typdefault is null then 'NULL'
                              else ''
                            end
                            from pg_catalog.unnest(f.conkey) with ordinality as k (attnum, place)
                            join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum
                            join pg_type y on y.oid = a.atttypid
                            left join pg_attrdef d on d.adrelid = f.conrelid and d.adnum = k.attnum
                            order by k.place) as child_defaults,
                          exists (
                            select 1
                            from pg_index i
                            join pg_class x on x.oid = i.indexrelid
                            join pg_am m on m.oid = x.relam
                            where i.indrelid = f.conrelid
                              and i.indisvalid
                              -- It tells in which ranges of the table a row may be, and those are read.
                              and m.amname <> 'brin'
                              and (i.indkey::int2[])[0:pg_catalog.cardinality(f.conkey) - 1] @> f.conkey
                              and (
                                i.indpred is null
                                or pg_get_expr(i.indpred, i.indrelid) = (
                                  select '(' || quote_ident(a.attname) || ' IS NOT NULL)'
                                  from pg_attribute a
                                  where a.attrelid = f.conrelid
                                    and a.attnum = f.conkey[1]
                                    and pg_catalog.cardinality(f.conkey) = 1))) as indexed,
                          %s as definition,
                          array(
                            select 'alter column ' || quote_ident(a.attname) || ' type ' || format_type(a.atttypid, a.atttypmod)
                              || ' collate ' || quote_ident(n.nspname) || '.' || quote_ident(l.collname)
                            from unnest(f.conkey, f.confkey) with ordinality as k (child, parent, place)
                            join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.child
                            join pg_attribute b on b.attrelid = f.confrelid and b.attnum = k.parent
                            join pg_collation l on l.oid = b.attcollation
                            join pg_namespace n on n.oid = l.collnamespace
                            where a.attcollation <> b.attcollation
                              -- It gives way to any other.
                              and 'pg_catalog.default'::regcollation not in (a.attcollation, b.attcollation)
                            order by k.place) as to_collate
                        from f
                        join pg_class c on c.oid = f.conrelid
                        join pg_namespace cn on cn.oid = c.relnamespace
                        join pg_class p on p.oid = f.confrelid
                        join pg_namespace pn on pn.oid = p.relnamespace
                        cross join lateral (
                          -- By name, since these came with PostgreSQL 15 and 18.
                          select
                            array(
                              select jsonb_array_elements_text(
                                coalesce(nullif(j.it -> 'confdelsetcols', 'null'), pg_catalog.to_jsonb(f.conkey)))::int2) as columns,
                            coalesce((j.it ->> 'conenforced')::boolean, true) as enforced,
                            coalesce((j.it ->> 'conperiod')::boolean, false) as period
                          from (select pg_catalog.to_jsonb(f) as it) as j) as u
                        -- One that is not enforced does nothing when a row goes.
                        where u.enforced
                        order by child_schema, child_table, f.conname
                        """.formatted(ForeignKey.DEFINITION), Long.toString(oid), Long.toString(oid))
                        .plannedOnce(),
                row -> new ForeignKey(
                        row.getString("conname"),
                        row.getLong("conrelid"),
                        new TableName(row.getString("child_schema"), row.getString("child_table")),
                        texts(row.getArray("child_columns")),
                        row.getLong("confrelid"),
                        new TableName(row.getString("parent_schema"), row.getString("parent_table")),
                        texts(row.getArray("parent_columns")),
                        ForeignKey.OnDelete.of(row.getString("confdeltype")),
                        row.getBoolean("indexed"),
                        row.getBoolean("child_partitioned"),
                        row.getBoolean("to_partition"),
                        texts(row.getArray("unset_columns")),
                        texts(row.getArray("child_required")),
                        row.getBoolean("whole"),
                        row.getBoolean("period"),
                        texts(row.getArray("switched_off")),
                        defaults(texts(row.getArray("parent_columns")), texts(row.getArray("child_defaults"))),
                        constants(texts(row.getArray("child_columns")), texts(row.getArray("child_defaults"))),
                        row.getString("definition"),
                        texts(row.getArray("to_collate"))));
    }

    /** Only where all of them are fixed values: another expression may do something, or be another value the next time. */
    private static Map<String, String> defaults(List<String> columns, List<String> expressions) {
        Map<String, String> fixed = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            if (FIXED.matcher(expressions.get(i)).matches()) {
                fixed.put(columns.get(i), expressions.get(i));
            }
        }
        return fixed.size() == columns.size() ? fixed : Map.of();
    }

    /** Those that are a fixed value, or null. */
    private static Map<String, String> constants(List<String> columns, List<String> expressions) {
        Map<String, String> constants = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            String expression = expressions.get(i);
            if (expression.equals(ForeignKey.NULL) || FIXED.matcher(expression).matches()) {
                constants.put(columns.get(i), expression);
            }
        }
        return constants;
    }

    /** Whether the row is there that a key is set to by default; true where that is not known. */
    public boolean hasDefaultRow(Session session, ForeignKey key) throws SQLException {
        if (key.defaults().isEmpty()) {
            return true;
        }
        return session.first(
                        Sql.of("/* caretaker.cleanup.catalogue-default-row */ select 1 from "
                                + key.parent().quoted() + " where "
                                + key.defaults().entrySet().stream()
                                        .map(fixed -> TableName.quote(fixed.getKey()) + " = " + fixed.getValue())
                                        .collect(Collectors.joining(" and "))
                                + " limit 1"),
                        row -> true)
                .orElse(false);
    }

    private static List<String> texts(Array array) throws SQLException {
        return Arrays.asList((String[]) array.getArray());
    }
}
