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
}
