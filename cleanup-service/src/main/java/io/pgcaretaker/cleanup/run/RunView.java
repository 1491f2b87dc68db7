package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.schema.cleanup.CleanupRun;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A run as it is answered.
 *
 * @param state waiting, running, paused, needs-approval, completed, cancelled, refused, failed
 * @param stopReason one word, absent while it runs
 * @param strategy block-ranges, keyset or partitions, once it is chosen
 * @param rowsMatched rows of the policy's table that were to go
 * @param rowsDeleted over all tables; 0 in shadow mode
 * @param rowsSkipped rows that stayed: locked by somebody, or kept by a trigger
 * @param longestBatchMillis its longest transaction
 * @param throttle what holds it back just now
 * @param tables rows by table: deleted, or in shadow mode what would have gone
 */
public record RunView(
        UUID id,
        String policy,
        String policyHash,
        String mode,
        String trigger,
        String requestedBy,
        String state,
        @Nullable String stopReason,
        @Nullable String stopDetail,
        Instant slot,
        @Nullable Instant cutoff,
        String phase,
        @Nullable String strategy,
        @Nullable String strategyReason,
        @Nullable Long rowsMatched,
        long rowsDeleted,
        long rowsSkipped,
        long batches,
        long longestBatchMillis,
        @Nullable String throttle,
        long throttledMillis,
        Map<String, Long> tables,
        @Nullable String approvedBy,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt) {

    public RunView {
        tables = Map.copyOf(tables);
    }

    static RunView of(CleanupRun run) {
        return new RunView(
                run.id,
                run.policy,
                run.policyHash,
                run.mode,
                run.trigger,
                run.requestedBy,
                run.state,
                run.stopReason,
                run.stopDetail,
                run.slot,
                run.cutoff,
                run.phase,
                run.strategy,
                run.strategyReason,
                run.rowsMatched,
                run.rowsDeleted,
                run.rowsSkipped,
                run.batches,
                run.longestBatchMillis,
                run.throttle,
                run.throttledMillis,
                RunJson.counts(run.tables),
                run.approvedBy,
                run.createdAt,
                run.startedAt,
                run.finishedAt);
    }
}
