package io.pgcaretaker.cleanup.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Dependent;
import io.pgcaretaker.cleanup.statement.Statements;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts what a policy would take, within a deadline; changes nothing. */
public final class Census {

    /** Counting may read much, but it must not read for ever. */
    static final Duration DEADLINE = Duration.ofSeconds(30);

    /** Without its count a run cannot begin: of a large table it reads all that is old, whatever the filter says of it. */
    private static final Duration BEFORE_A_RUN = Duration.ofMinutes(5);

    static final Duration LOCK = Duration.ofSeconds(1);

    /** Somebody waits for a plan: what cannot be counted by then is estimated. */
    private static final Duration QUICKLY = Duration.ofSeconds(3);

    /** Read from an index in well under a second. */
    private static final long FIRST_PART = 100_000;

    /** Below this a table is counted; above, the planner's estimate from its present size is good enough. */
    private static final long COUNTED_BYTES = 64L * 1024 * 1024;

    /** Of a table that was never analyzed: a few thousand blocks from all over it tell its rows to a few percent. */
    private static final long SAMPLED_BYTES = 32L * 1024 * 1024;

    private static final Sql ONE_PROCESS = Sql.of(
            "select /* caretaker.cleanup.one-process */ set_config('max_parallel_workers_per_gather', '0', true)");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Transactions transactions;

    public Census(Transactions transactions) {
        this.transactions = transactions;
    }

    /** Rows of the policy's table that match, counted no further than {@code limit}. */
    public long count(Statements statements, long limit) {
        return transactions.run("cleanup.count", DEADLINE, LOCK, session -> count(session, statements, limit));
    }

    /** How many of PostgreSQL's processes may count. */
    public enum Processes {
        /** Of a run that rests between its batches: several are felt by all others for as long as they count. */
        ONE,
        /** As many as PostgreSQL is set to. */
        SEVERAL
    }

    private static long count(Session session, Statements statements, long limit) throws SQLException {
        return session.first(statements.leanIfNothingIsHeld(session).count(limit), row -> row.getLong(1))
                .orElse(0L);
    }

    /**
     * The same before a run, for a limit that may be beyond the table: that would only keep PostgreSQL from counting with
     * several processes.
     */
    public long count(Statements statements, long limit, long tableRows, Processes processes) {
        long counted = limit / 2 > tableRows ? Long.MAX_VALUE : limit;
        return transactions.run("cleanup.count", BEFORE_A_RUN, LOCK, session -> {
            if (processes == Processes.ONE) {
                session.query(ONE_PROCESS, row -> true);
            }
            return count(session, statements, counted);
        });
    }

    /** Rows of the whole table: counted when it is small, else as the planner estimates from its size on disk. */
    public long tableRows(ArmedPolicy armed) {
        return rows(armed.table().name(), armed.table().bytes());
    }

    /** The same of any table of that size. */
    long rows(TableName table, long bytes) {
        return transactions.run("cleanup.count-table", DEADLINE, LOCK, session -> rows(session, table, bytes));
    }

    private static long rows(Session session, TableName table, long bytes) throws SQLException {
        if (bytes < COUNTED_BYTES) {
            return counted(session, table, "");
        }
        if (isAnalyzed(session, table)) {
            return session.first(
                            Sql.of("explain (format json) select 1 from " + table.quoted()),
                            row -> planRows(row.getString(1)))
                    .orElse(0L);
        }
        double percent = Math.min(100, 100.0 * SAMPLED_BYTES / bytes);
        return Math.round(counted(session, table, " tablesample system (" + percent + ")") * 100 / percent);
    }

    private static long counted(Session session, TableName table, String sample) throws SQLException {
        return session.first(
                        Sql.of("/* caretaker.cleanup.count-table */ select count(*) from " + table.quoted() + sample),
                        row -> row.getLong(1))
                .orElse(0L);
    }

    /**
     * Whether PostgreSQL has ever looked how many rows the table, or each of its partitions, has. Until then it guesses by
     * the width of the columns, many times too high where values are long: no number for a breaker.
     */
    private static boolean isAnalyzed(Session session, TableName table) throws SQLException {
        return session.first(Sql.of("""
                                /* caretaker.cleanup.analyzed */
                                select not exists (
                                  select 1
                                  from (
                                    select c.oid
                                    from pg_class c
                                    where c.oid = any (array(
                                        select cast(? as regclass)::oid
                                        union
                                        select relid::oid
                                        from pg_partition_tree(cast(? as regclass))))
                                      and c.relkind = 'r'
                                      and c.relpages = 0
                                    -- Or the size of every table of the database would be asked for.
                                    offset 0
                                  ) as never
                                  where pg_relation_size(never.oid) > 0)
                                """, table.quoted(), table.quoted()).plannedOnce(), row -> row.getBoolean(1))
                .orElse(false);
    }

    /** How the table and what is old enough in it lie on disk, for the choice of a strategy. */
    public StrategyPolicy.Shape shape(ArmedPolicy armed, Statements statements, long tableRows) {
        try {
            return transactions.run("cleanup.shape", session -> {
                StrategyPolicy.Shape shape = shape(session, armed, tableRows);
                return shape.isOrdered() && !armed.isPartitioned() && !armed.goesByKey()
                        ? session.first(statements.ends(), Census::blocks)
                                .flatMap(ends -> ends)
                                .map(shape::withEnds)
                                .orElse(shape)
                        : shape;
            });
        } catch (DatabaseFailure e) {
            requireDeadline(e);
            // Where many rows have just gone, the oldest that is left lies behind all of them in its index.
            return transactions.run("cleanup.shape", session -> shape(session, armed, tableRows));
        }
    }

    /** Empty where nothing is old enough. */
    private static Optional<StrategyPolicy.Blocks> blocks(ResultSet ends) throws SQLException {
        long from = ends.getLong(1);
        return ends.wasNull() ? Optional.empty() : Optional.of(new StrategyPolicy.Blocks(from, ends.getLong(2) + 1));
    }

    private static StrategyPolicy.Shape shape(Session session, ArmedPolicy armed, long tableRows) throws SQLException {
        return session.first(
                        Sql.of("""
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
                                        """, armed.policy().age().column(), armed.table().oid())
                                .plannedOnce(),
                        row -> new StrategyPolicy.Shape(
                                row.getLong("blocks"),
                                tableRows,
                                correlation(row.getObject("correlation", Float.class)),
                                row.getInt("version"),
                                null))
                .orElseThrow(() -> new SQLException("the table has gone", "02000"));
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

    /** The age of the oldest row that should have gone, whether or not it may. */
    Optional<Instant> oldestOverdue(Statements statements) {
        return transactions.run(
                "cleanup.oldest-overdue",
                DEADLINE,
                LOCK,
                session -> session.first(
                                statements.overdue(session).summary(1),
                                row -> Optional.ofNullable(instant(row.getObject(2, OffsetDateTime.class))))
                        .flatMap(oldest -> oldest));
    }

    /** Count, oldest and newest of the oldest {@code limit} rows. */
    public Summary summary(Statements statements, long limit) {
        return summary(statements, limit, DEADLINE);
    }

    private Summary summary(Statements statements, long limit, Duration deadline) {
        return transactions.run(
                "cleanup.summary",
                deadline,
                LOCK,
                session -> session.first(
                                statements.leanIfNothingIsHeld(session).summary(limit),
                                row -> new Summary(
                                        row.getLong(1),
                                        row.getLong(1) < limit,
                                        instant(row.getObject(2, OffsetDateTime.class)),
                                        instant(row.getObject(3, OffsetDateTime.class))))
                        .orElseThrow(() -> new SQLException("no row")));
    }

    /**
     * The same in little time, for somebody who waits: a first part, the whole if that can be counted until the deadline,
     * else no more than the part; none at all where not even that can be.
     */
    Summary quickSummary(Statements statements) {
        try {
            Summary first = summary(statements, FIRST_PART, QUICKLY);
            if (first.complete()) {
                return first;
            }
            try {
                return summary(statements, Long.MAX_VALUE, QUICKLY);
            } catch (DatabaseFailure e) {
                requireDeadline(e);
                return first;
            }
        } catch (DatabaseFailure e) {
            requireDeadline(e);
            return new Summary(0, false, null, null);
        }
    }

    private static void requireDeadline(DatabaseFailure failure) {
        if (!failure.asksForLess()) {
            throw failure;
        }
    }

    /** How many match by the planner's statistics: no row is read. */
    long estimate(Statements statements) {
        return transactions.run("cleanup.estimate", session -> {
            Sql count = statements.leanIfNothingIsHeld(session).count(Long.MAX_VALUE);
            Sql matching = new Sql(count.text().replaceFirst("select count\\(\\*\\)", "select 1"), count.values());
            return session.first(
                            new Sql("explain (format json) " + matching.text(), matching.values()),
                            row -> planRows(row.getString(1)))
                    .orElse(0L);
        });
    }

    /** By the calendar that PostgreSQL has: a {@link java.sql.Timestamp} goes by another one before 1582. */
    private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }

    /** Rows of each dependent table that would go too; a table that takes too long to count has no number. */
    public Map<String, Optional<Long>> dependents(ArmedPolicy armed, Statements statements) {
        return dependents(armed, statements, DEADLINE);
    }

    /** The same for somebody who waits: all of them together take no more than the deadline and one second. */
    Map<String, Optional<Long>> quickDependents(ArmedPolicy armed, Statements statements) {
        return dependents(armed, statements, QUICKLY);
    }

    private Map<String, Optional<Long>> dependents(ArmedPolicy armed, Statements statements, Duration deadline) {
        long end = System.nanoTime() + deadline.toNanos();
        Map<String, List<Dependent>> paths = new TreeMap<>();
        armed.dependents()
                .forEach(dependent -> paths.computeIfAbsent(
                                dependent.table().name().toString(), table -> new ArrayList<>())
                        .add(dependent));
        Map<String, Optional<Long>> counts = new TreeMap<>();
        paths.forEach((table, those) ->
                counts.put(table, countDependent(statements, those, Duration.ofNanos(end - System.nanoTime()))));
        return counts;
    }

    private Optional<Long> countDependent(Statements statements, List<Dependent> paths, Duration left) {
        if (left.toMillis() <= 0) {
            return Optional.empty();
        }
        try {
            return transactions.run(
                    "cleanup.count-dependent",
                    left,
                    LOCK,
                    session -> session.first(statements.countDependent(paths), row -> row.getLong(1)));
        } catch (DatabaseFailure e) {
            if (e.isRetryable()) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
