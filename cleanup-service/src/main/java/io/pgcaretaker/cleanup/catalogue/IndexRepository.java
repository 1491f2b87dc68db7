package io.pgcaretaker.cleanup.catalogue;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Reads from PostgreSQL's catalogue what serves, identifies and constrains the rows of a table. */
public final class IndexRepository {

    /** Names of the valid btree indexes that begin with the column, of the table and of all beneath it. */
    public List<String> indexesOn(Session session, long oid, String column) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.catalogue-age-indexes */
                        select x.relname
                        from pg_index i
                        join pg_class x on x.oid = i.indexrelid
                        join pg_am m on m.oid = x.relam
                        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                        -- As one list, which an index serves: with "or" it would be every index of the database.
                        where i.indrelid = any (array(
                            select cast(? as oid)
                            union all
                            select relid
                            from pg_partition_tree(cast(? as oid))))
                          and i.indisvalid
                          and m.amname = 'btree'
                          and a.attname = ?
                        order by x.relname
                        """, Long.toString(oid), Long.toString(oid), column).plannedOnce(), row -> row.getString(1));
    }

    /** Whether one of them is the table's own and over all of its rows. */
    public boolean isWhole(Session session, long oid, String column) throws SQLException {
        return session.first(Sql.of("""
                                /* caretaker.cleanup.catalogue-whole-index */
                                select 1
                                from pg_index i
                                join pg_class x on x.oid = i.indexrelid
                                join pg_am m on m.oid = x.relam
                                join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                                where i.indrelid = ?
                                  and i.indisvalid
                                  and i.indpred is null
                                  and m.amname = 'btree'
                                  and a.attname = ?
                                limit 1
                                """, oid, column).plannedOnce(), row -> true)
                .orElse(false);
    }

    /** Whether a unique index over all rows stands that refuses a row that is there already, as one does none of whose columns can be null. */
    public boolean refusesTwins(Session session, long oid) throws SQLException {
        return session.first(Sql.of("""
                                /* caretaker.cleanup.catalogue-twins */
                                select 1
                                from pg_index i
                                where i.indrelid = ?
                                  and i.indisunique
                                  and i.indisvalid
                                  and i.indpred is null
                                  and not exists (
                                    select 1
                                    -- Without what the index only includes.
                                    from pg_catalog.unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) as k (attnum)
                                    left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                                    -- Of an expression nothing is known.
                                    where k.attnum = 0
                                      or not a.attnotnull)
                                limit 1
                                """, oid).plannedOnce(), row -> true).orElse(false);
    }

    /**
     * Whether a unique index of exactly these columns stands, over all rows, and none of them can be null. It has to compare as
     * the columns do: of rows that are two by the index and one by their column, a statement about one would take both.
     */
    public boolean identifies(Session session, long oid, List<String> columns) throws SQLException {
        return session.first(
                        Sql.of("""
                                /* caretaker.cleanup.catalogue-key */
                                select 1
                                from pg_index i
                                where i.indrelid = ?
                                  and i.indisunique
                                  and i.indisvalid
                                  and i.indpred is null
                                  and i.indexprs is null
                                  and not exists (
                                    select 1
                                    from generate_series(0, i.indnkeyatts - 1) as k (place)
                                    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k.place]
                                    join pg_type y on y.oid = a.atttypid
                                    left join pg_collation l on l.oid = a.attcollation
                                    where not l.collisdeterministic and i.indcollation[k.place] <> a.attcollation
                                      or exists (
                                        select 1
                                        from pg_opclass c
                                        join pg_amop w on w.amopfamily = c.opcfamily and w.amoplefttype = c.opcintype
                                          and w.amoprighttype = c.opcintype and w.amopstrategy = 3
                                        -- The type's own, such as citext's where the index has text's.
                                        join pg_opclass d on d.opcmethod = c.opcmethod and d.opcdefault
                                          and d.opcintype in (a.atttypid, y.typbasetype)
                                        join pg_amop v on v.amopfamily = d.opcfamily and v.amoplefttype = d.opcintype
                                          and v.amoprighttype = d.opcintype and v.amopstrategy = 3
                                        where c.oid = i.indclass[k.place]
                                          and c.opcmethod = (select m.oid from pg_am m where m.amname = 'btree')
                                          and v.amopopr <> w.amopopr))
                                  and (
                                    select pg_catalog.array_agg(a.attname::text order by a.attname::text)
                                    from pg_attribute a
                                    where a.attrelid = i.indrelid
                                      and a.attnotnull
                                      and a.attnum = any((i.indkey::int2[])[0:i.indnkeyatts - 1])
                                      -- PostgreSQL 18 keeps that too, and may not have looked at the rows that were there.
                                      and not exists (
                                        select 1
                                        from pg_constraint n
                                        where n.conrelid = a.attrelid
                                          and n.contype = 'n'
                                          and n.conkey = array[a.attnum]
                                          and not n.convalidated)
                                  ) = cast(? as text[])
                                limit 1
                                """, oid, columns.stream().sorted().toList()).plannedOnce(), row -> true)
                .orElse(false);
    }

    /** What a unique index of the table is over, such as {@code lower(email)}. */
    public Optional<String> indexedBy(Session session, long table, String index) throws SQLException {
        return session.first(Sql.of("""
                        /* caretaker.cleanup.catalogue-index */
                        select string_agg(pg_get_indexdef(i.indexrelid, k, true), ', ' order by k)
                        from pg_index i
                        join pg_class x on x.oid = i.indexrelid
                        cross join lateral generate_series(1, i.indnkeyatts) as k
                        where i.indrelid = ?
                          and x.relname = ?
                        group by i.indexrelid
                        """, table, index).plannedOnce(), row -> row.getString(1));
    }

    /** What stands in the way of changing columns. */
    public List<ColumnFacts> columns(Session session, long oid) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.catalogue-column-facts */
                        -- Looked at once: for each of a thousand columns it takes seconds.
                        with made as materialized (
                          select g.attnum, d.refobjsubid
                          from pg_attribute g
                          left join pg_attrdef f on f.adrelid = g.attrelid and f.adnum = g.attnum
                          -- Of the default since PostgreSQL 15, of the column before.
                          join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = f.oid
                            or d.classid = 'pg_class'::regclass and d.objid = g.attrelid and d.objsubid = g.attnum
                          where g.attrelid = ?
                            and g.attgenerated <> ''
                            and d.refclassid = 'pg_class'::regclass
                            and d.refobjid = g.attrelid)
                        select
                          a.attname,
                          a.attnotnull or y.typnotnull as not_null,
                          a.attgenerated <> '' as generated,
                          a.attgenerated = 'v' as is_virtual,
                          a.attidentity = 'a' as is_identity,
                          y.typcategory = 'D' as is_time,
                          y.typcategory = 'C' as is_composite,
                          exists (
                            select 1
                            from pg_index i
                            where i.indrelid = a.attrelid
                              and (i.indisunique or i.indisexclusion)
                              and (
                                a.attnum = any(i.indkey::int2[])
                                or exists (
                                  select 1
                                  from pg_depend d
                                  where d.classid = 'pg_class'::regclass
                                    and d.objid = i.indexrelid
                                    and d.refclassid = 'pg_class'::regclass
                                    and d.refobjid = a.attrelid
                                    and d.refobjsubid = a.attnum)
                                or exists (
                                  select 1
                                  from made m
                                  where m.attnum = any(i.indkey::int2[])
                                    and m.attnum <> a.attnum
                                    and m.refobjsubid = a.attnum))) as is_unique,
                          exists (
                            select 1
                            from pg_index i
                            where i.indrelid = a.attrelid
                              and i.indisunique
                              and a.attnum = any(i.indkey::int2[])
                              -- By name, since this came with PostgreSQL 15.
                              and coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)) as one_null,
                          exists (
                            select 1
                            from pg_constraint f
                            where f.contype = 'f'
                              and (
                                (f.conrelid = a.attrelid and a.attnum = any(f.conkey))
                                or (f.confrelid = a.attrelid and a.attnum = any(f.confkey))
                                or (f.conrelid = a.attrelid and exists (
                                  select 1
                                  from made m
                                  where m.attnum = any(f.conkey)
                                    and m.refobjsubid = a.attnum)))) as foreign_key
                        from pg_attribute a
                        join pg_type y on y.oid = a.atttypid
                        where a.attrelid = ?
                          and a.attnum > 0
                          and not a.attisdropped
                        order by a.attnum
                        """, oid, oid).plannedOnce(),
                row -> new ColumnFacts(
                        row.getString("attname"),
                        row.getBoolean("not_null"),
                        row.getBoolean("generated"),
                        row.getBoolean("is_virtual"),
                        row.getBoolean("is_identity"),
                        row.getBoolean("is_time"),
                        row.getBoolean("is_composite"),
                        row.getBoolean("is_unique"),
                        row.getBoolean("one_null"),
                        row.getBoolean("foreign_key")));
    }
}
