package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.schema.cleanup.CleanupRun;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is at this moment.
 *
 * @param rows gone so far of the policy's table
 * @param of how many matched when it began
 * @param rowsPerSecond over the whole run, rests included
 * @param secondsLeft at that rate; absent while nothing can be said
 * @param throttle what holds it back just now, such as replica-lag
 */
public record ProgressView(
        UUID run,
        String state,
        String phase,
        long rows,
        @Nullable Long of,
        @Nullable Double rowsPerSecond,
        @Nullable Long secondsLeft,
        @Nullable String throttle,
        long throttledMillis,
        long batches) {

    /** The policy is the run's; absent: it is no longer there, and all rows are told. */
    static ProgressView of(CleanupRun run, Optional<RetentionPolicy> policy, Instant now) {
        long rows = policy.map(one -> ofItsTable(run, one)).orElse(run.rowsDeleted);
        Instant until = run.finishedAt == null ? now : run.finishedAt;
        double seconds = run.startedAt == null
                ? 0
                : Duration.between(run.startedAt, until).toMillis() / 1000.0;
        Double rate = seconds > 0 && rows > 0 ? rows / seconds : null;
        return new ProgressView(
                run.id,
                run.state,
                run.phase,
                rows,
                run.rowsMatched,
                rate == null ? null : Math.round(rate * 10) / 10.0,
                rate == null || run.rowsMatched == null ? null : (long) Math.max(0, (run.rowsMatched - rows) / rate),
                run.throttle,
                run.throttledMillis,
                run.batches);
    }

    /** Without the rows of dependent tables: those were not among the matched. */
    private static long ofItsTable(CleanupRun run, RetentionPolicy policy) {
        if (Mode.parse(run.mode) == Mode.SHADOW) {
            return 0;
        }
        String name = (policy.schema() == null ? "" : policy.schema()) + "." + policy.table();
        return RunJson.counts(run.tables).entrySet().stream()
                .filter(table -> table.getKey().endsWith(name))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    boolean isOver() {
        return RunState.parse(state).isOver();
    }
}
