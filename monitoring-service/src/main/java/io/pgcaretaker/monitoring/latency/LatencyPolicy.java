package io.pgcaretaker.monitoring.latency;

import io.pgcaretaker.monitoring.latency.Latency.Compared;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes one number of what the application's statements took. */
final class LatencyPolicy {

    private LatencyPolicy() {}

    /**
     * Of one window.
     *
     * @param grown what each of the application's statements took in it
     * @param usualMs by statement, how long one call usually takes
     */
    static Latency of(Instant since, Instant until, List<StatementCount> grown, Map<Long, Double> usualMs) {
        long calls = 0;
        double totalMs = 0;
        for (StatementCount statement : grown) {
            calls += statement.calls();
            totalMs += statement.totalMs();
        }
        double seconds = Duration.between(since, until).toMillis() / 1000.0;
        return new Latency(
                until,
                true,
                null,
                null,
                since,
                until,
                calls,
                seconds <= 0 ? null : rounded(calls / seconds),
                calls == 0 ? null : rounded(totalMs / calls),
                compared(grown, usualMs));
    }

    /**
     * The mean of all statements rises as soon as a slow one is called more often. Compared is therefore each statement
     * with itself, weighted by how often it was called in this window.
     */
    private static @Nullable Compared compared(List<StatementCount> grown, Map<Long, Double> usualMs) {
        long calls = 0;
        double totalMs = 0;
        double usualTotalMs = 0;
        for (StatementCount statement : grown) {
            Double usual = usualMs.get(statement.queryId());
            if (usual != null) {
                calls += statement.calls();
                totalMs += statement.totalMs();
                usualTotalMs += statement.calls() * usual;
            }
        }
        return calls == 0 ? null : new Compared(calls, rounded(totalMs / calls), rounded(usualTotalMs / calls));
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
