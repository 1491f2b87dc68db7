package io.pgcaretaker.cleanup.status;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a policy's newest run stands.
 *
 * @param rowsMatched rows of the policy's table that are to go, or in shadow mode would; absent until they are counted
 * @param rowsDeleted over all tables, so far; 0 in shadow mode
 * @param throttle what holds it back just now, such as replica-lag
 * @param stopReason one word, absent while it runs
 * @param startedAt absent while it waits for its turn
 */
record LastRun(
        String policy,
        String state,
        String mode,
        @Nullable Long rowsMatched,
        long rowsDeleted,
        @Nullable String throttle,
        @Nullable String stopReason,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt) {

    static LastRun read(ResultSet row) throws SQLException {
        return new LastRun(
                row.getString("policy"),
                row.getString("state"),
                row.getString("mode"),
                row.getObject("rows_matched", Long.class),
                row.getLong("rows_deleted"),
                row.getString("throttle"),
                row.getString("stop_reason"),
                instant(row.getTimestamp("started_at")),
                instant(row.getTimestamp("finished_at")));
    }

    private static @Nullable Instant instant(@Nullable Timestamp time) {
        return time == null ? null : time.toInstant();
    }
}
