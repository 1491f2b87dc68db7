package io.pgcaretaker.monitoring.checks;

import io.pgcaretaker.monitoring.collect.Reading;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a check saw.
 *
 * @param window what time the look covers: {@code now}, or since when the counters behind it count
 * @param status {@code ok}, {@code finding}, {@code skipped} (the reason names the grant), {@code failed} or
 *     {@code pending}; never ok for what was not looked at
 */
public record CheckResult(
        String id,
        String status,
        String severity,
        String title,
        String window,
        @Nullable String advice,
        @Nullable String reason,
        @Nullable Instant checkedAt,
        List<Seen> findings) {

    /** One object that is not as it should be, with the statement that mends it where there is one. */
    public record Seen(
            String object, String evidence, @Nullable String fix) {}

    public CheckResult {
        findings = List.copyOf(findings);
    }

    public static CheckResult of(Check check, Reading reading) {
        List<Seen> findings = reading.rows().list().stream()
                .map(row -> new Seen(row.text("object"), row.text("evidence"), row.textOrNull("fix")))
                .toList();
        String status = switch (reading.outcome()) {
            case OK -> findings.isEmpty() ? "ok" : "finding";
            case SKIPPED -> "skipped";
            case PENDING -> "pending";
            case TIMED_OUT, FAILED, NO_CONNECTION -> "failed";
        };
        return new CheckResult(
                check.id(),
                status,
                check.severity(),
                check.title(),
                check.window(),
                status.equals("finding") ? check.advice() : null,
                reading.reason(),
                reading.collectedAt(),
                findings);
    }
}
