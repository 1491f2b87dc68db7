package io.pgcaretaker.mail;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The variables of the template {@code run-report}: what one clean-up run did.
 *
 * @param policy the policy's name
 * @param mode {@code shadow} or {@code enforce}
 * @param state the run's closing state in words, the same as in the REST answer
 * @param cutoff rows older than this were to go
 * @param rowsDeleted over all tables; 0 in shadow mode
 * @param rowsMatched what would have gone, in shadow mode
 * @param tables how many rows went from which table
 * @param stopReason why it ended before its work was done, absent when it was done
 * @param anonymised true: the rows were masked and are still there; absent: they were deleted
 */
public record RunReport(
        String policy,
        String runId,
        String mode,
        String state,
        Instant cutoff,
        Instant startedAt,
        Instant finishedAt,
        long rowsDeleted,
        long rowsMatched,
        List<TableRows> tables,
        @Nullable String stopReason,
        @Nullable Boolean anonymised) {

    public static final String TEMPLATE = "run-report";

    /** Rows that went from one table. */
    public record TableRows(String table, long rows) {}

    public RunReport {
        tables = List.copyOf(tables);
    }
}
