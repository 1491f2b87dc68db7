package io.pgcaretaker.mail;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The variables of the template {@code incident}: something is wrong, still wrong, or right again.
 *
 * @param rule the alert rule's name
 * @param severity {@code warning} or {@code critical}
 * @param state {@code firing}, {@code reminder} or {@code resolved}
 * @param summary one sentence: what is wrong
 * @param value what was measured, with its unit
 * @param threshold the limit it crossed, with its unit
 * @param advice what to look at first
 * @param resolvedAt absent while it fires
 * @param others what came to the same state at the same time and gets no mail of its own
 */
public record IncidentMail(
        String incidentId,
        String rule,
        String severity,
        String state,
        String summary,
        String value,
        String threshold,
        String advice,
        Instant startedAt,
        @Nullable Instant resolvedAt,
        @Nullable List<Other> others) {

    public static final String TEMPLATE = "incident";

    /** Another incident of the same moment. */
    public record Other(String incidentId, String severity, String summary, String value) {}

    public IncidentMail {
        others = others == null ? List.of() : List.copyOf(others);
    }
}
