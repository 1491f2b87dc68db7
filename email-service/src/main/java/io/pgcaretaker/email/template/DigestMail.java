package io.pgcaretaker.email.template;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The variables of the templates {@code alert-digest}, {@code daily-digest} and {@code weekly-digest}.
 *
 * @param from the beginning of what it tells of
 * @param to its end
 * @param alerts alert and incident mails to this human, oldest first; in an {@code alert-digest} those that were held back
 * @param more how many of them are not shown
 * @param figures of all mail in that time; absent in an {@code alert-digest}, and when they cannot be counted
 * @param unsubscribe where to say that no more digests are wanted; absent when nobody can reach this service from outside
 */
public record DigestMail(
        Instant from,
        Instant to,
        List<Line> alerts,
        int more,
        @Nullable Figures figures,
        @Nullable String unsubscribe) {

    /** One mail. */
    public record Line(Instant at, String subject, String state) {}

    /** Recipients by where they stand; {@code waiting} with those whose outcome is unknown. */
    public record Figures(long sent, long failed, long suppressed, long expired, long waiting) {}

    public DigestMail {
        alerts = List.copyOf(alerts);
    }
}
