package io.pgcaretaker.cleanup.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts what a policy would take, within a deadline; changes nothing. */
public final class Census {

    /** Counting may read much, but it must not read for ever. */
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private static final Duration LOCK = Duration.ofSeconds(1);

    /** Below this a table is counted; above, the planner's estimate from its present size is good enough. */
    private static final long COUNTED_BYTES = 64L * 1024 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Transactions transactions;

    public Census(Transactions transactions) {
        this.transactions = transactions;
    }

    /** Rows of the policy's table that match, counted no further than {@code limit}. */
    public long count(Statements statements, long limit) {
        return transactions.run(
                "cleanup.count",
                DEADLINE,
                LOCK,
                session -> session.first(statements.leanIfNothingIsHeld(session).count(limit), row -> row.getLong(1))
                        .orElse(0L));
    }

    /**
     * The same, where the table is known to hold about {@code tableRows}: a limit beyond that would only keep PostgreSQL
     * from counting with several processes.
     */
    public long count(Statements statements, long limit, long tableRows) {
        return count(statements, limit / 2 > tableRows ? Long.MAX_VALUE : limit);
    }

    /** Rows of the whole table: counted when it is small, else as the planner estimates from its size on disk. */
    public long tableRows(ArmedPolicy armed) {
        return rows(armed.table().name(), armed.table().bytes());
    }

    /** The same of any table of that size. */
    long rows(TableName table, long bytes) {
        String from = table.quoted();
        if (bytes < COUNTED_BYTES) {
            return transactions.run(
                    "cleanup.count-table",
                    DEADLINE,
                    LOCK,
                    session -> session.first(
                                    Sql.of("/* caretaker.cleanup.count-table */ select count(*) from " + from),
                                    row -> row.getLong(1))
                            .orElse(0L));
        }
        return transactions.run(
                "cleanup.estimate-table",
                session -> session.first(
                                Sql.of("explain (format json) select 1 from " + from),
                                row -> planRows(row.getString(1)))
                        .orElse(0L));
    }

    /** How the table lies on disk, for the choice of a strategy. */
    public StrategyPolicy.Shape shape(ArmedPolicy armed, long tableRows) {
        return transactions.run(
                "cleanup.shape",
                session -> session.first(
                                Sql.of(
                                        """
                                        /* caretaker.cleanup.shape */
                                        select
                                          case
                                            when c.relkind = 'p' then (
                                              select coalesce(sum(pg_relation_size(p.relid)), 0)::bigint
                                              from pg_partition_tree(c.oid) p
                                              where p.isleaf)
                                            else pg_relation_size(c.oid)
                                          end / current_setting('block_size')::bigint as blocks,
                                          current_setting('server_version_num')::int as version,
                                          (
                                            select s.correlation
                                            from pg_stats s
                                            where s.schemaname = n.nspname
                                              and s.tablename = c.relname
                                              and s.attname = ?
                                            order by s.inherited
                                            limit 1) as correlation
                                        from pg_class c
                                        join pg_namespace n on n.oid = c.relnamespace
                                        where c.oid = ?
                                        """,
                                        armed.policy().age().column(),
                                        armed.table().oid()),
                                row -> new StrategyPolicy.Shape(
                                        row.getLong("blocks"),
                                        tableRows,
                                        correlation(row.getObject("correlation", Float.class)),
                                        row.getInt("version")))
                        .orElseThrow(() -> new SQLException("the table has gone", "02000")));
    }

    private static @Nullable Double correlation(@Nullable Float correlation) {
        return correlation == null ? null : correlation.doubleValue();
    }

    private static long planRows(String plan) {
        try {
            return JSON.readTree(plan).path(0).path("Plan").path("Plan Rows").asLong();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("explain gave no JSON", e);
        }
    }

    /**
     * What matches, as far as was counted.
     *
     * @param complete false: there are more than {@code rows}
     */
    public record Summary(
            long rows,
            boolean complete,
            @Nullable Instant oldest,
            @Nullable Instant newest) {}

    /** Count, oldest and newest of the oldest {@code limit} rows. */
    public Summary summary(Statements statements, long limit) {
        return transactions.run(
                "cleanup.summary",
                DEADLINE,
                LOCK,
                session -> session.first(
                                statements.leanIfNothingIsHeld(session).summary(limit),
                                row -> new Summary(
                                        row.getLong(1),
                                        row.getLong(1) < limit,
                                        instant(row.getTimestamp(2)),
                                        instant(row.getTimestamp(3))))
                        .orElseThrow(() -> new SQLException("no row")));
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }

    /** Rows of each dependent table that would go too; a table that takes too long to count has no number. */
    public Map<String, Optional<Long>> dependents(ArmedPolicy armed, Statements statements) {
        Map<String, Optional<Long>> counts = new TreeMap<>();
        for (Dependent dependent : armed.dependents()) {
            counts.merge(
                    dependent.table().name().toString(),
                    countDependent(statements, dependent),
                    (one, other) -> one.flatMap(a -> other.map(b -> a + b)));
        }
        return counts;
    }

    private Optional<Long> countDependent(Statements statements, Dependent dependent) {
        try {
            return transactions.run(
                    "cleanup.count-dependent",
                    DEADLINE,
                    LOCK,
                    session -> session.first(statements.countDependent(dependent), row -> row.getLong(1)));
        } catch (DatabaseFailure e) {
            if (e.isRetryable()) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
