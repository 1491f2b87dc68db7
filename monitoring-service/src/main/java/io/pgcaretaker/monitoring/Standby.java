package io.pgcaretaker.monitoring;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Whether another replica speaks for the database. All see the same one, so its metrics come from who holds the lease, and
 * sums over the pods stay right. Silent is only who knows of another: where no lease can be had (a read-only standby, no
 * migration yet, the database away) everybody speaks, since metrics twice are better than none.
 */
public final class Standby {

    /** The first round of the rules is made at the start; who has not heard of it by then will not. */
    private static final Duration FIRST_ROUND = Duration.ofSeconds(15);

    private final Clock clock;
    private final Duration lease;
    private volatile Instant silentUntil;

    /** @param lease how long another may hold it after it was seen to do so */
    public Standby(Clock clock, Duration lease) {
        this.clock = clock;
        this.lease = lease;
        this.silentUntil = clock.instant().plus(FIRST_ROUND);
    }

    /** One that has nobody beside it. */
    public static Standby alone(Clock clock) {
        Standby alone = new Standby(clock, Duration.ZERO);
        alone.isHolder();
        return alone;
    }

    public void isHolder() {
        silentUntil = Instant.MIN;
    }

    public void sawAnotherHold() {
        silentUntil = clock.instant().plus(lease);
    }

    public boolean isSilent() {
        return clock.instant().isBefore(silentUntil);
    }
}
