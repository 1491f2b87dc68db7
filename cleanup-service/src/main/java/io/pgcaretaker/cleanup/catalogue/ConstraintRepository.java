package io.pgcaretaker.cleanup.catalogue;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.Array;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a table does not take: by its check constraints, or because none of its partitions has a place for it. */
public final class ConstraintRepository {

    /**
     * What a row must meet.
     *
     * @param columns all that it looks at
     * @param conditions in PostgreSQL's own words, of which one must hold
     */
    private record Rule(String name, List<String> columns, List<String> conditions) {
        /** Of the JSON operator with a question mark nothing is known: in a statement it is a parameter. */
        boolean isAbout(Map<String, Sql> values) {
            return !columns.isEmpty()
                    && values.keySet().containsAll(columns)
                    && conditions.stream().noneMatch(condition -> condition.contains("?"));
        }
    }

    /**
     * Names of the check constraints that refuse every row of these values, whatever its other columns hold.
     *
     * @param values as SQL, by the column's name
     */
    public List<String> refusing(Session session, long table, Map<String, Sql> values) throws SQLException {
        List<Rule> checks = session.query(
                Sql.of("""
                        /* caretaker.cleanup.catalogue-checks */
                        select
                          c.conname,
                          array(
                            select a.attname::text
                            from pg_attribute a
                            where a.attrelid = c.conrelid
                              and a.attnum = any(c.conkey)) as columns,
                          array[pg_get_expr(c.conbin, c.conrelid)] as conditions
                        from pg_constraint c
                        where c.conrelid = ?
                          and c.contype = 'c'
                          -- Neither of the row as a whole, nor of what the system keeps with it.
                          and 0 < all(c.conkey)
                          -- By name, since this came with PostgreSQL 18.
                          and coalesce((pg_catalog.to_jsonb(c) ->> 'conenforced')::boolean, true)
                          -- Nor one that asks a function or an operator of the application's: this role need not be able to,
                          -- and a look is no reason for it to run.
                          and not exists (
                            select 1
                            from pg_depend d
                            where d.classid = 'pg_constraint'::regclass
                              and d.objid = c.oid
                              and d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass))
                          and not exists (
                            select 1
                            from pg_attribute a
                            join pg_type y on y.oid = a.atttypid
                            where a.attrelid = c.conrelid
                              and a.attnum = any(c.conkey)
                              and not has_schema_privilege(y.typnamespace, 'usage'))
                        union all
                        -- What is made of other columns nobody gives a value: whether it may be null is a rule of those.
                        select
                          'not null (' || a.attname || ')',
                          array[a.attname::text],
                          array[quote_ident(a.attname) || ' is not null']
                        from pg_attribute a
                        where a.attrelid = ?
                          and a.attgenerated <> ''
                          and a.attnotnull
                        order by 1
                        """, table, table).plannedOnce(),
                row -> new Rule(row.getString(1), texts(row.getArray(2)), texts(row.getArray(3))));
        List<String> refusing = new ArrayList<>();
        for (Rule check : checks) {
            // A check that is neither true nor false is met.
            if (check.isAbout(values) && !holds(session, check, values, "is not false")) {
                refusing.add(check.name());
            }
        }
        return refusing;
    }

    /** The same values, and those of the columns that PostgreSQL makes of them alone. */
    public Map<String, Sql> withGenerated(Session session, long table, Map<String, Sql> values) throws SQLException {
        List<Rule> generated = session.query(
                Sql.of("""
                        /* caretaker.cleanup.catalogue-generated */
                        select
                          g.attname,
                          array(
                            select a.attname::text
                            from pg_depend d
                            join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
                            -- Of the default since PostgreSQL 15, of the column before.
                            where (d.classid = 'pg_attrdef'::regclass and d.objid = f.oid
                                or d.classid = 'pg_class'::regclass and d.objid = g.attrelid and d.objsubid = g.attnum)
                              and d.refclassid = 'pg_class'::regclass
                              and d.refobjid = g.attrelid
                              and d.refobjsubid <> g.attnum) as columns,
                          array[pg_get_expr(f.adbin, f.adrelid)] as conditions
                        from pg_attribute g
                        join pg_attrdef f on f.adrelid = g.attrelid and f.adnum = g.attnum
                        where g.attrelid = ?
                          and g.attgenerated <> ''
                          -- None that asks something of the application's, as with checks.
                          and not exists (
                            select 1
                            from pg_depend d
                            where (d.classid = 'pg_attrdef'::regclass and d.objid = f.oid
                                or d.classid = 'pg_class'::regclass and d.objid = g.attrelid and d.objsubid = g.attnum)
                              and d.refclassid in (
                                'pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass))
                        order by g.attname
                        """, table).plannedOnce(),
                row -> new Rule(row.getString(1), texts(row.getArray(2)), texts(row.getArray(3))));
        Map<String, Sql> all = new HashMap<>(values);
        for (Rule column : generated) {
            if (column.isAbout(values)) {
                all.put(
                        column.name(),
                        Sql.format(
                                "(select %s from (%s) as t)",
                                Sql.of(column.conditions().get(0)), row(column, values)));
            }
        }
        return all;
    }

    /**
     * Names of the unique indexes by which only one row can have values that are the same in all.
     *
     * @param columns that have the same values in all
     * @param nulls those of them that are null, and so, in most indexes, different in all
     */
    public List<String> allowingOne(Session session, long table, Collection<String> columns, Collection<String> nulls)
            throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.catalogue-unique */
                        select x.relname
                        from pg_index i
                        join pg_class x on x.oid = i.indexrelid
                        where i.indrelid = ?
                          and i.indisunique
                          and i.indpred is null
                          and not exists (
                            select 1
                            -- Without what the index only includes.
                            from pg_catalog.unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) as k (attnum)
                            left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                            where coalesce(a.attname::text, '') <> all (cast(? as text[]))
                              -- By name, since this came with PostgreSQL 15.
                              or a.attname = any (cast(? as text[]))
                                and not coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false))
                        order by x.relname
                        """, table, List.copyOf(columns), List.copyOf(nulls)).plannedOnce(), row -> row.getString(1));
    }

    /** Whether no partition takes rows of these values, whatever their other columns hold. */
    public boolean hasNoPartition(Session session, long table, Map<String, Sql> values) throws SQLException {
        Optional<Rule> partitions = session.first(
                Sql.of("""
                        /* caretaker.cleanup.catalogue-partition-bounds */
                        select
                          '',
                          array(
                            select a.attname::text
                            from pg_attribute a
                            where a.attrelid = p.partrelid
                              and a.attnum = any(p.partattrs::int2[])) as columns,
                          array(
                            select coalesce(pg_get_partition_constraintdef(i.inhrelid), 'true')
                            from pg_inherits i
                            where i.inhparent = p.partrelid
                            order by i.inhrelid) as conditions
                        from pg_partitioned_table p
                        where p.partrelid = ?
                          and not exists (
                            select 1
                            from unnest(p.partattrs::int2[]) as k (attnum)
                            left join pg_attribute a on a.attrelid = p.partrelid and a.attnum = k.attnum
                            left join pg_type y on y.oid = a.atttypid
                            -- An expression has no name, and nobody gives it a value.
                            where coalesce(a.attname::text, '') <> all (cast(? as text[]))
                              or not has_schema_privilege(y.typnamespace, 'usage'))
                        """, table, List.copyOf(values.keySet())).plannedOnce(),
                row -> new Rule(row.getString(1), texts(row.getArray(2)), texts(row.getArray(3))));
        return partitions.isPresent()
                && partitions.get().isAbout(values)
                && !partitions.get().conditions().isEmpty()
                && !holds(session, partitions.get(), values, "is true");
    }

    private static boolean holds(Session session, Rule rule, Map<String, Sql> values, String how) throws SQLException {
        String met = rule.conditions().stream()
                .map(condition -> "(" + condition + ") " + how)
                .collect(Collectors.joining(" or "));
        Sql row = row(rule, values);
        return session.first(
                        new Sql(
                                "/* caretaker.cleanup.catalogue-takes */ select " + met + " from (" + row.text()
                                        + ") as t",
                                row.values()),
                        answer -> answer.getBoolean(1))
                .orElseThrow(() -> new SQLException("no row", "02000"));
    }

    /** What the rule looks at. */
    private static Sql row(Rule rule, Map<String, Sql> values) {
        List<Object> bound = new ArrayList<>();
        List<String> row = new ArrayList<>();
        values.forEach((column, value) -> {
            if (rule.columns().contains(column)) {
                bound.addAll(value.values());
                row.add(value.text() + " as " + TableName.quote(column));
            }
        });
        return new Sql("select " + String.join(", ", row), bound);
    }

    private static List<String> texts(Array array) throws SQLException {
        return Arrays.asList((String[]) array.getArray());
    }
}
