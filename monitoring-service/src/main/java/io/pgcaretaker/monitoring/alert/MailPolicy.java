package io.pgcaretaker.monitoring.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** When an open incident is worth a mail: once when it opens, and again only as configured. */
final class MailPolicy {

    enum Kind {
        OPENING,
        REMINDER
    }

    private final @Nullable Duration repeatInterval;

    MailPolicy(Optional<Duration> repeatInterval) {
        this.repeatInterval = repeatInterval.orElse(null);
    }

    /** A silence or an acknowledgement before the opening mail only holds it back while it lasts, or for good. */
    Optional<Kind> due(OpenIncident incident, boolean silenced, Instant now) {
        if (!incident.firing() || silenced || incident.acknowledged()) {
            return Optional.empty();
        }
        if (incident.openingMailAt() == null) {
            return Optional.of(Kind.OPENING);
        }
        Instant last = incident.lastMailAt();
        boolean repeat = repeatInterval != null && last != null && !now.isBefore(last.plus(repeatInterval));
        return repeat ? Optional.of(Kind.REMINDER) : Optional.empty();
    }
}
