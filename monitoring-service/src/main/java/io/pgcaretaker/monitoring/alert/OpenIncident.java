package io.pgcaretaker.monitoring.alert;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An incident that is pending or firing, as the evaluation sees it. */
record OpenIncident(
        UUID id,
        String fingerprint,
        boolean firing,
        String rule,
        String severity,
        String summary,
        String value,
        String threshold,
        String advice,
        Instant pendingSince,
        Instant lastSeenAt,
        @Nullable Instant clearSince,
        boolean acknowledged,
        @Nullable Instant openingMailAt,
        @Nullable Instant lastMailAt,
        int reminders) {}
