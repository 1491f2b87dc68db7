package io.pgcaretaker.monitoring.security;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What was reported in the last hours, and what to do about it. */
public record SecurityReport(Report report, Instant timestamp) {

    /** The report itself. */
    public record Report(Summary summary, List<Event> events, List<Recommendation> recommendations) {}

    /**
     * Counts over the whole time asked for.
     *
     * @param accounts how many different accounts failed to sign in
     * @param addresses how many different addresses they came from
     */
    public record Summary(
            int hours,
            long totalEvents,
            long criticalEvents,
            long warningEvents,
            long rateLimitViolations,
            long suspiciousAttempts,
            long failedAuthentications,
            long accounts,
            long addresses,
            Map<String, Long> byEvent) {}

    /** The newest events; account and address are pseudonyms. */
    public record Event(
            UUID id,
            Instant occurredAt,
            String event,
            String level,
            String reportedBy,
            @Nullable String application,
            @Nullable String account,
            @Nullable String address,
            @Nullable String network,
            @Nullable String requestMethod,
            @Nullable String requestPath) {}

    /** What to do. */
    public record Recommendation(String severity, String finding, String advice) {}
}
