package io.pgcaretaker.monitoring.metrics;

import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What the database costs and does, for people and scripts. Each part stands alone: one that fails spoils no other. */
public record MetricsReport(
        Instant timestamp,
        Part<Connections> connections,
        Part<Queries> queries,
        Part<Storage> storage,
        Part<Tokens> tokens,
        Part<Resources> resources) {

    /**
     * One part.
     *
     * @param status {@code ok}, {@code partial}, {@code stale}, {@code skipped} or {@code failed}
     * @param ageSeconds of the oldest data in it; absent when there are none
     * @param notes what is missing and why, such as the grant it needs
     * @param data absent when there are none
     */
    public record Part<T>(
            String status,
            @Nullable Double ageSeconds,
            List<String> notes,
            @Nullable T data) {
        public Part {
            notes = List.copyOf(notes);
        }
    }

    /** Client connections of the whole server; how many is absent where they cannot be seen. */
    @Schema(name = "ConnectionMetrics")
    public record Connections(
            @Nullable Long used,
            long limit,
            long reservedForSuperusers,
            @Nullable Double percent,
            List<Count> byState,
            List<Count> byApplication,
            List<Count> byUser,
            List<Count> byDatabase) {}

    /** How many of what. */
    public record Count(String name, long count) {}

    /** What runs now, and what has cost most. */
    @Schema(name = "QueryMetrics")
    public record Queries(
            int running, int overLimit, double limitSeconds, List<Running> longest, List<Statement> topByTime) {}

    /** A running statement; its text is cut at 500 characters. */
    public record Running(
            long pid,
            String database,
            String user,
            String application,
            double seconds,
            String waitingFor,
            List<Long> blockedBy,
            String query) {}

    /** From pg_stat_statements, since its last reset. */
    public record Statement(
            String queryId,
            String user,
            long calls,
            double totalMs,
            double meanMs,
            long rows,
            double cacheHitRatio,
            String query) {}

    /** Sizes in bytes; tables by the server's own estimate. */
    public record Storage(
            @Nullable Double databaseBytes,
            @Nullable Long limitBytes,
            @Nullable Double percent,
            List<Table> largestTables) {}

    /** One table with its indexes and TOAST. */
    @Schema(name = "TableMetrics")
    public record Table(String schema, String table, double rows, long tableBytes, long indexBytes) {}

    /** Password reset tokens. */
    public record Tokens(long total, long expired, long used) {}

    /** The database's counters since {@code since}, and our own process. */
    public record Resources(
            @Nullable Double cacheHitRatio,
            long commits,
            long rollbacks,
            long temporaryFiles,
            long temporaryBytes,
            long deadlocks,
            @Nullable Instant since,
            Jvm jvm) {}

    /** Our own process. */
    public record Jvm(long heapUsedBytes, long heapLimitBytes, int threads, double uptimeSeconds) {}
}
