package io.pgcaretaker.monitoring.checks;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something a check found, and for how long.
 *
 * @param lastSeenAt the last look that saw it
 * @param goneAt when a look first did not see it any more; absent while it is there
 */
public record Finding(
        UUID id,
        String check,
        String object,
        String severity,
        String evidence,
        @Nullable String fix,
        Instant since,
        Instant lastSeenAt,
        @Nullable Instant goneAt,
        @Nullable Instant acknowledgedAt,
        @Nullable String acknowledgedBy,
        @Nullable String note) {}
