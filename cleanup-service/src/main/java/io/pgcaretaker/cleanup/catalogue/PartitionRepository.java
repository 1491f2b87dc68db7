package io.pgcaretaker.cleanup.catalogue;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads from the catalogue how a table is partitioned, and where one partition stands. */
public final class PartitionRepository {

    /** A partition's upper bound, in the column's type; null where it has none. */
    public static final String UPPER = "u.upper";

    /** Where a partition is. */
    public enum Place {
        ATTACHED,
        /** Its detach was begun: nobody reads it through its table any more, and it must be finished. */
        PENDING,
        DETACHED,
        /**
         * A table of that name and of the very columns is there, a part of none, and of another oid: as it was detached, if a dump
         * was restored since, or somebody's own.
         */
        REPLACED,
        /** Not there, quite another table of that name, or a part of another table by now. */
        GONE
    }

    /** Empty when the table is not partitioned. */
    public Optional<Partitioning> partitioning(Session session, long table) throws SQLException {
        return session.first(
                Sql.of("""
                        /* caretaker.cleanup.catalogue-partitioning */
                        select
                          p.partstrat::text,
                          p.partnatts,
                          a.attname::text,
                          p.partdefid <> 0,
                          pg_has_role(c.relowner, 'usage'),
                          pg_get_userbyid(c.relowner)::text,
                          current_setting('server_version_num')::int
                        from pg_partitioned_table p
                        join pg_class c on c.oid = p.partrelid
                        left join pg_attribute a on a.attrelid = p.partrelid and a.attnum = (p.partattrs::int2[])[0]
                        where p.partrelid = ?
                        """, table),
                row -> new Partitioning(
                        row.getString(1),
                        row.getInt(2),
                        row.getString(3),
                        row.getBoolean(4),
                        row.getBoolean(5),
                        row.getString(6),
                        row.getInt(7)));
    }

    /**
     * The partitions of a table with one range column, oldest bound first.
     *
     * @param type the column's
     * @param past whether all rows below a partition's {@link #UPPER} bound are too old
     */
    public List<Partition> partitions(Session session, long table, String type, Sql past) throws SQLException {
        // to_jsonb: the column inhdetachpending came with PostgreSQL 14.
        return session.query(
                Sql.format("""
                        /* caretaker.cleanup.catalogue-partitions */
                        with partition as (
                          select
                            c.oid,
                            n.nspname,
                            c.relname,
                            pg_get_expr(c.relpartbound, c.oid) as bound,
                            coalesce((pg_catalog.to_jsonb(i) ->> 'inhdetachpending')::boolean, false) as pending,
                            pg_relation_size(c.oid) as bytes,
                            case
                              when c.relkind = 'p' then 'is partitioned itself'
                              when c.relkind <> 'r' then 'is no ordinary table'
                              when not pg_has_role(c.relowner, 'usage') then
                                'belongs to ' || quote_ident(pg_get_userbyid(c.relowner)) || ', which this role is not a member of'
                              -- Nobody could see that all of them may go.
                              when row_security_active(c.oid) then
                                'has row-level security of its own, which hides rows from this role'
                              -- Looked through once for all partitions: no index has the table that is referred to.
                              when c.oid in (
                                select f.confrelid
                                from pg_constraint f
                                where f.contype = 'f') then 'is referenced by a foreign key'
                              when exists (
                                select 1
                                from pg_depend d
                                where d.refclassid = 'pg_class'::regclass
                                  and d.refobjid = c.oid
                                  and d.classid = 'pg_rewrite'::regclass
                                  and d.deptype = 'n') then 'is used by a view'
                              when exists (
                                select 1
                                from (values
                                  ('pg_class'::regclass, c.oid),
                                  ('pg_type'::regclass, c.reltype),
                                  ('pg_type'::regclass, (select t.typarray from pg_type t where t.oid = c.reltype)))
                                  as own (class, id)
                                join pg_depend d on d.refclassid = own.class and d.refobjid = own.id
                                where d.deptype = 'n'
                                  -- What is the partition's own, such as a check, goes with it.
                                  and not exists (
                                    select 1
                                    from pg_depend o
                                    where o.classid = d.classid
                                      and o.objid = d.objid
                                      and o.refclassid = 'pg_class'::regclass
                                      and o.refobjid = c.oid
                                      and o.deptype in ('a', 'i'))) then 'is used by a function, a policy or another table'
                            end as obstacle
                          from pg_inherits i
                          join pg_class c on c.oid = i.inhrelid
                          join pg_namespace n on n.oid = c.relnamespace
                          where i.inhparent = %s)
                        select p.*,
                          coalesce(%s, false) as expired
                        from partition p
                        cross join lateral (
                          -- Only an integer stands without quotes.
                          select cast(coalesce(
                            substring(p.bound from 'TO [(]''([^'']+)''[)]$'),
                            substring(p.bound from 'TO [(]([0-9]+)[)]$')) as %s) as upper) as u
                        order by u.upper nulls last, p.nspname, p.relname
                        """, Sql.of("?", table), past, Sql.of(type)),
                row -> new Partition(
                        row.getLong("oid"),
                        new TableName(row.getString("nspname"), row.getString("relname")),
                        row.getString("bound"),
                        row.getBoolean("expired"),
                        row.getBoolean("pending"),
                        row.getLong("bytes"),
                        row.getString("obstacle")));
    }

    /** Those that a policy's runs have detached to drop them, and that are there: their rows are seen through no table. */
    public List<TableName> detached(Session session, String policy, Table table) throws SQLException {
        List<TableName> detached = new ArrayList<>();
        for (Taken taken : session.query(
                Sql.of("""
                        /* caretaker.cleanup.partitions-taken */
                        select partition_oid, partition_schema, partition_table
                        from caretaker.cleanup_partition
                        where policy = ?
                          and parent_schema = ?
                          and parent_table = ?
                          and state = 'taken'
                        order by id
                        """, policy, table.name().schema(), table.name().table()).plannedOnce(),
                row -> new Taken(row.getLong(1), new TableName(row.getString(2), row.getString(3))))) {
            Place place = place(session, table.oid(), taken.oid(), taken.name());
            if (place == Place.DETACHED || place == Place.REPLACED) {
                detached.add(taken.name());
            }
        }
        return detached;
    }

    private record Taken(long oid, TableName name) {}

    /** Where the table of that oid and name stands towards a partitioned one. */
    public Place place(Session session, long table, long partition, TableName name) throws SQLException {
        return session.first(
                        Sql.of("""
                                /* caretaker.cleanup.catalogue-partition */
                                select i.inhrelid is not null as attached,
                                  coalesce((pg_catalog.to_jsonb(i) ->> 'inhdetachpending')::boolean, false) as pending,
                                  c.oid <> ? as replaced
                                from pg_class c
                                join pg_namespace n on n.oid = c.relnamespace
                                left join pg_inherits i on i.inhrelid = c.oid
                                where n.nspname = ?
                                  and c.relname = ?
                                  and case
                                    when c.oid = ? then coalesce(i.inhparent = ?, true)
                                    else c.relkind = 'r'
                                      and i.inhrelid is null
                                      and (
                                        select array_agg((a.attname, a.atttypid)::text order by a.attname)
                                        from pg_attribute a
                                        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
                                      = (
                                        select array_agg((a.attname, a.atttypid)::text order by a.attname)
                                        from pg_attribute a
                                        where a.attrelid = ? and a.attnum > 0 and not a.attisdropped)
                                  end
                                """, partition, name.schema(), name.table(), partition, table, table),
                        row -> place(row.getBoolean("attached"), row.getBoolean("pending"), row.getBoolean("replaced")))
                .orElse(Place.GONE);
    }

    private static Place place(boolean attached, boolean pending, boolean replaced) {
        if (replaced) {
            return Place.REPLACED;
        }
        return pending ? Place.PENDING : attached ? Place.ATTACHED : Place.DETACHED;
    }

    /**
     * A partition that was detached to be dropped, and was not: nobody sees its rows through the table.
     *
     * @param attach what an operator runs to put it back
     */
    public record LeftDetached(String policy, TableName partition, String attach) {}

    /** Those that no run comes back to, since none of these policies has begun them. */
    public List<LeftDetached> leftDetached(Session session, List<String> policies) throws SQLException {
        return session.query(Sql.of("""
                        /* caretaker.cleanup.partitions-left */
                        select d.policy, d.parent_schema, d.parent_table, d.partition_schema, d.partition_table, d.bound
                        from caretaker.cleanup_partition d
                        join pg_class c on c.oid = d.partition_oid and c.relname = d.partition_table
                        join pg_namespace n on n.oid = c.relnamespace and n.nspname = d.partition_schema
                        where d.state = 'taken'
                          and d.policy <> all (cast(? as text[]))
                          and not exists (select 1 from pg_inherits i where i.inhrelid = c.oid)
                        order by d.id
                        """, policies), row -> {
            TableName partition = new TableName(row.getString(4), row.getString(5));
            return new LeftDetached(
                    row.getString(1),
                    partition,
                    attach(new TableName(row.getString(2), row.getString(3)), partition, row.getString(6)));
        });
    }

    /** What an operator runs to put a partition back. */
    public static String attach(TableName table, TableName partition, String bound) {
        return "alter table " + table.quoted() + " attach partition " + partition.quoted() + " " + bound;
    }
}
