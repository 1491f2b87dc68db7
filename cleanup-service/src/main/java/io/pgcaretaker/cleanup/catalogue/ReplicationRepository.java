package io.pgcaretaker.cleanup.catalogue;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.util.List;

/** Reads what logical replication has to do with changes of rows. */
public final class ReplicationRepository {

    /** What happens to a row. */
    public enum Change {
        DELETE,
        UPDATE
    }

    /**
     * Whether this session counts as one that applies a subscription: no trigger fires in it, those of foreign keys neither,
     * and rows would go on to refer to rows that have gone.
     */
    public boolean isReplica(Session session) throws SQLException {
        return session.first(Sql.of("""
                                /* caretaker.cleanup.replication-role */
                                select current_setting('session_replication_role') = 'replica'
                                """).plannedOnce(), row -> row.getBoolean(1))
                .orElse(true);
    }

    /** Whether this database publishes anything at all. */
    public boolean hasPublications(Session session) throws SQLException {
        return session.first(Sql.of("""
                                /* caretaker.cleanup.publications */
                                select exists (select 1 from pg_publication)
                                """).plannedOnce(), row -> row.getBoolean(1))
                .orElse(true);
    }

    /**
     * Of the table and its partitions those whose changes are published and whose rows a subscriber could not tell from each
     * other: PostgreSQL refuses each such change.
     */
    public List<TableName> withoutIdentity(Session session, long table, Change change) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.replica-identity */
                        select n.nspname, c.relname
                        from pg_class c
                        join pg_namespace n on n.oid = c.relnamespace
                        where (c.oid = ? or c.oid in (select relid from pg_partition_tree(cast(? as oid))))
                          and c.relkind = 'r'
                          and c.relreplident <> 'f'
                          and not exists (
                            select 1
                            from pg_index i
                            where i.indrelid = c.oid
                              and i.indisvalid
                              and i.indimmediate
                              and case c.relreplident when 'd' then i.indisprimary else i.indisreplident end)
                          and exists (
                            select 1
                            from pg_publication p
                            join pg_publication_tables t on t.pubname = p.pubname
                            join pg_namespace s on s.nspname = t.schemaname
                            join pg_class r on r.relnamespace = s.oid and r.relname = t.tablename
                            where (p.pubdelete and ? = 'DELETE' or p.pubupdate and ? = 'UPDATE')
                              and (r.oid = c.oid or r.oid in (select relid from pg_partition_ancestors(c.oid))))
                        order by n.nspname, c.relname
                        """, table, Long.toString(table), change.name(), change.name())
                        .plannedOnce(),
                row -> new TableName(row.getString(1), row.getString(2)));
    }

    /** A publication by which PostgreSQL refuses changes of a table, and what it takes of it that is in the way. */
    public record Narrowed(TableName table, String publication, String by) {}

    /**
     * Of the table and its partitions those of which a publication takes a part by what is not their replica identity: rows by
     * other columns, or fewer columns than there are in it. PostgreSQL 15 and later know that, and refuse each such change.
     */
    public List<Narrowed> narrowed(Session session, long table, Change change) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.publication-narrowed */
                        select n.nspname, c.relname, p.pubname, case when x.filter then 'row filter' else 'column list' end
                        from pg_class c
                        join pg_namespace n on n.oid = c.relnamespace
                        cross join lateral (
                          select c.oid as relid
                          union
                          select relid from pg_partition_ancestors(c.oid)) as above
                        join pg_publication_rel r on r.prrelid = above.relid
                        join pg_publication p on p.oid = r.prpubid and (p.pubviaroot or r.prrelid = c.oid)
                        -- By name, since these came with PostgreSQL 15.
                        cross join lateral (
                          select pg_catalog.to_jsonb(r) ->> 'prqual' as qual, nullif(pg_catalog.to_jsonb(r) -> 'prattrs', 'null') as attrs) as part
                        cross join lateral (
                          select
                            array(
                              select a.attname
                              from pg_index i
                              join pg_attribute a on a.attrelid = i.indrelid
                                and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                              where i.indrelid = c.oid
                                and case c.relreplident
                                  when 'd' then i.indisprimary when 'i' then i.indisreplident else false end) as names) as identity
                        cross join lateral (
                          select
                            c.relreplident <> 'f' and exists (
                              select 1
                              from regexp_matches(part.qual, ':varattno (\\d+)', 'g') as used (number)
                              join pg_attribute a on a.attrelid = r.prrelid and a.attnum = cast(used.number[1] as int)
                              where a.attname <> all (identity.names)) as filter,
                            part.attrs is not null and (c.relreplident = 'f' or exists (
                              select 1
                              from pg_catalog.unnest(identity.names) as needed (name)
                              where not exists (
                                select 1
                                from jsonb_array_elements_text(part.attrs) as sent (number)
                                join pg_attribute a on a.attrelid = r.prrelid and a.attnum = cast(sent.number as int)
                                where a.attname = needed.name))) as columns) as x
                        where (c.oid = ? or c.oid in (select relid from pg_partition_tree(cast(? as oid))))
                          and c.relkind = 'r'
                          and (p.pubdelete and ? = 'DELETE' or p.pubupdate and ? = 'UPDATE')
                          and (x.filter or x.columns)
                        order by n.nspname, c.relname, p.pubname
                        """, table, Long.toString(table), change.name(), change.name())
                        .plannedOnce(),
                row -> new Narrowed(
                        new TableName(row.getString(1), row.getString(2)), row.getString(3), row.getString(4)));
    }
}
