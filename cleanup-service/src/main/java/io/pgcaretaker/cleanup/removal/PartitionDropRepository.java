package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.catalogue.Partition;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Which partitions are being dropped; it outlives whoever does it. */
public final class PartitionDropRepository {

    /** A partition that somebody has begun to take away. */
    public record Taking(long id, long oid, TableName partition, String bound) {}

    /** How a taking ends. */
    public enum State {
        DROPPED("dropped"),
        /** It holds rows that must stay, and is a partition as before. */
        KEPT("kept"),
        /** Somebody else has dropped it. */
        GONE("gone");

        private final String word;

        State(String word) {
            this.word = word;
        }
    }

    /** Says that the partition will be taken; empty when that is said already. */
    public Optional<Taking> begin(Session session, Claimed run, ArmedPolicy armed, Partition partition)
            throws SQLException {
        return session.first(
                Sql.of(
                        """
                        /* caretaker.cleanup.partition-take */
                        insert into caretaker.cleanup_partition
                          (run_id, policy, parent_schema, parent_table, partition_schema, partition_table, partition_oid, bound)
                        values (cast(? as uuid), ?, ?, ?, ?, ?, ?, ?)
                        on conflict do nothing
                        returning id, partition_oid, partition_schema, partition_table, bound
                        """,
                        run.id().toString(),
                        run.policy(),
                        armed.table().name().schema(),
                        armed.table().name().table(),
                        partition.name().schema(),
                        partition.name().table(),
                        partition.oid(),
                        partition.bound()),
                PartitionDropRepository::taking);
    }

    /** What was begun on the policy's table and not ended, by whichever run. */
    public List<Taking> open(Session session, ArmedPolicy armed) throws SQLException {
        return session.query(
                Sql.of(
                        """
                        /* caretaker.cleanup.partition-open */
                        select id, partition_oid, partition_schema, partition_table, bound
                        from caretaker.cleanup_partition
                        where policy = ?
                          and parent_schema = ?
                          and parent_table = ?
                          and state = 'taken'
                        order by id
                        """,
                        armed.policy().name(),
                        armed.table().name().schema(),
                        armed.table().name().table()),
                PartitionDropRepository::taking);
    }

    private static Taking taking(ResultSet row) throws SQLException {
        return new Taking(
                row.getLong("id"),
                row.getLong("partition_oid"),
                new TableName(row.getString("partition_schema"), row.getString("partition_table")),
                row.getString("bound"));
    }

    void settle(Session session, Taking taking, State state, long rows) throws SQLException {
        session.update(Sql.of("""
                /* caretaker.cleanup.partition-settle */
                update caretaker.cleanup_partition
                set state = ?,
                    rows = ?,
                    settled_at = clock_timestamp()
                where id = ?
                  and state = 'taken'
                """, state.word, rows, taking.id()));
    }
}
