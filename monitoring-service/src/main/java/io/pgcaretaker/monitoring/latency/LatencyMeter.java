package io.pgcaretaker.monitoring.latency;

import io.pgcaretaker.monitoring.Transaction;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Measures window by window, in memory: what was lost by a restart is one window. What is usual comes from the history in
 * the database.
 */
final class LatencyMeter {

    private static final Duration USUAL_OVER = Duration.ofDays(1);
    private static final Duration USUAL_EVERY = Duration.ofMinutes(10);

    /** Missed looks after which a window is not the present any more. */
    private static final int MISSED = 3;

    private static final String GRANT = "pg_read_all_stats granted to the role of monitoring-service";

    private final LatencyRepository statements = new LatencyRepository();
    private final DataSource database;
    private final Duration window;
    private final Clock clock;

    private @Nullable Instant lookedAt;
    private Map<Key, StatementCount> before = Map.of();
    /** Of the statements that were looked at: whether they are the application's. */
    private Map<Long, Boolean> applications = new HashMap<>();

    private @Nullable Instant usualAt;
    private Map<Long, Double> usualMs = Map.of();
    private volatile Latency last;

    /** Whose statement it is. */
    private record Key(long userId, long queryId) {
        static Key of(StatementCount count) {
            return new Key(count.userId(), count.queryId());
        }
    }

    LatencyMeter(DataSource database, Duration window, Clock clock) {
        this.database = database;
        this.window = window;
        this.clock = clock;
        this.last = Latency.unavailable(clock.instant(), "no window has ended yet", null);
    }

    /** What is known now, from memory. */
    Latency latency() {
        Instant now = clock.instant();
        Latency known = last;
        Instant until = known.until();
        if (until != null && until.plus(window.multipliedBy(MISSED)).isBefore(now)) {
            return Latency.unavailable(now, "the last window ended at " + until, null);
        }
        return known.at(now);
    }

    /** Ends a window and begins the next one. */
    void look() {
        Instant now = clock.instant();
        try {
            List<StatementCount> counts = Transaction.run(database, "latency-counts", statements::counts);
            Map<Key, StatementCount> present = new HashMap<>();
            counts.forEach(count -> present.put(Key.of(count), count));
            Instant since = lookedAt;
            if (since != null) {
                last = ended(since, now, grown(counts));
            }
            before = present;
            lookedAt = now;
        } catch (SQLException e) {
            // What was counted meanwhile belongs to no window.
            lookedAt = null;
            last = unavailable(now, e);
        }
    }

    private List<StatementCount> grown(List<StatementCount> counts) {
        List<StatementCount> grown = new ArrayList<>();
        for (StatementCount count : counts) {
            StatementCount earlier = before.get(Key.of(count));
            StatementCount more = earlier == null ? count : count.since(earlier);
            if (more.calls() > 0) {
                grown.add(more);
            }
        }
        return grown;
    }

    private Latency ended(Instant since, Instant now, List<StatementCount> grown) throws SQLException {
        if (grown.stream().anyMatch(count -> count.queryId() == StatementCount.HIDDEN)) {
            return Latency.unavailable(now, "statements of other users are hidden", GRANT);
        }
        classify(grown);
        List<StatementCount> ofTheApplication = grown.stream()
                .filter(count -> applications.getOrDefault(count.queryId(), true))
                .toList();
        return LatencyPolicy.of(since, now, ofTheApplication, usual(now));
    }

    /** Each statement's text is asked for once, and forgotten with the statement. */
    private void classify(List<StatementCount> grown) throws SQLException {
        Set<Long> unknown = new HashSet<>();
        Map<Long, Boolean> known = new HashMap<>();
        before.keySet().forEach(key -> keep(known, key.queryId()));
        for (StatementCount count : grown) {
            keep(known, count.queryId());
            if (!known.containsKey(count.queryId())) {
                unknown.add(count.queryId());
            }
        }
        if (!unknown.isEmpty()) {
            Set<Long> others = Transaction.run(
                    database, "latency-own", connection -> statements.notTheApplications(connection, unknown));
            unknown.forEach(id -> known.put(id, !others.contains(id)));
        }
        applications = known;
    }

    private void keep(Map<Long, Boolean> known, long queryId) {
        Boolean is = applications.get(queryId);
        if (is != null) {
            known.put(queryId, is);
        }
    }

    private Map<Long, Double> usual(Instant now) throws SQLException {
        if (usualAt == null || usualAt.plus(USUAL_EVERY).isBefore(now)) {
            usualMs = Transaction.run(
                    database, "latency-usual", connection -> statements.usualMs(connection, now.minus(USUAL_OVER)));
            usualAt = now;
        }
        return usualMs;
    }

    private static Latency unavailable(Instant now, SQLException e) {
        String state = Optional.ofNullable(e.getSQLState()).orElse("");
        return switch (state) {
            case "42883", "42P01" ->
                Latency.unavailable(
                        now,
                        "pg_stat_statements is not there",
                        "create extension pg_stat_statements, in this database and on the search path");
            case "55000" ->
                Latency.unavailable(
                        now, "pg_stat_statements is not loaded", "pg_stat_statements in shared_preload_libraries");
            case "42703" ->
                Latency.unavailable(
                        now, "pg_stat_statements is older than 1.8", "alter extension pg_stat_statements update");
            case "42501" -> Latency.unavailable(now, "statements cannot be read", GRANT);
            default -> Latency.unavailable(now, "the look failed with SQLSTATE " + state, null);
        };
    }
}
