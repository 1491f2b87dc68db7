package io.pgcaretaker.cleanup.restore;

import java.util.function.LongSupplier;

/** So many requests a second, and as many at once; of this process. */
final class RequestRate {

    private static final double NANOS = 1e9;

    private final int perSecond;
    private final LongSupplier clock;
    private double left;
    private long at;

    /** The clock counts nanoseconds. */
    RequestRate(int perSecond, LongSupplier clock) {
        this.perSecond = perSecond;
        this.clock = clock;
        this.left = perSecond;
        this.at = clock.getAsLong();
    }

    synchronized boolean allows() {
        long now = clock.getAsLong();
        left = Math.min(perSecond, left + Math.max(0, now - at) / NANOS * perSecond);
        at = Math.max(at, now);
        if (left < 1) {
            return false;
        }
        left -= 1;
        return true;
    }
}
