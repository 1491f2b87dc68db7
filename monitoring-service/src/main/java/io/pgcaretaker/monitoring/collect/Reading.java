package io.pgcaretaker.monitoring.collect;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a collector last saw, and how its last attempt ended. A failed attempt leaves the rows as they were; their age
 * grows.
 *
 * @param collectedAt when the rows were read; absent when there never were any
 * @param took the last attempt's time, in the database and on the way
 * @param reason why the last attempt has no rows, without host names or SQL; absent when it has
 */
public record Reading(
        Rows rows,
        @Nullable Instant collectedAt,
        CollectOutcome outcome,
        Duration took,
        @Nullable String reason) {

    static final Reading NEVER =
            new Reading(Rows.NONE, null, CollectOutcome.PENDING, Duration.ZERO, "not collected yet");

    static Reading of(Rows rows, Instant at, Duration took) {
        return new Reading(rows, at, CollectOutcome.OK, took, null);
    }

    /** Skipped means that there is nothing to see; what was seen before a grant was taken away is no longer true. */
    Reading without(CollectOutcome how, Duration duration, String why) {
        boolean forget = how == CollectOutcome.SKIPPED;
        return new Reading(forget ? Rows.NONE : rows, forget ? null : collectedAt, how, duration, why);
    }

    /** True when there are rows and they are not older than that. */
    public boolean isFresh(Instant now, Duration oldest) {
        return collectedAt != null && !collectedAt.isBefore(now.minus(oldest));
    }

    /** Seconds since the rows were read; absent when there are none. */
    public @Nullable Double ageSeconds(Instant now) {
        return collectedAt == null
                ? null
                : Math.max(0, Duration.between(collectedAt, now).toMillis()) / 1000.0;
    }
}
