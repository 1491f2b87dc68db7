package io.pgcaretaker.cleanup.policy;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How hard a policy works.
 *
 * @param batchTarget how long a batch should take
 * @param nice rest after a batch, in times of how long it took; absent: the service's
 * @param window when in the day it may work; absent: always
 */
public record Pace(
        Duration batchTarget,
        @Nullable Double nice,
        @Nullable DayWindow window) {

    private static final Duration SHORTEST = Duration.ofMillis(2);
    private static final Duration LONGEST = Duration.ofSeconds(1);

    public Pace {
        if (batchTarget.compareTo(SHORTEST) < 0 || batchTarget.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "batch-target must be between 2 and 1000 ms, but is '" + batchTarget + "'");
        }
        if (nice != null && !(nice >= 0 && nice <= 100)) {
            throw new IllegalArgumentException("nice must be between 0 and 100, but is " + nice);
        }
    }

    /** The policy's own, else the service's. */
    public double niceOr(double usual) {
        return nice == null ? usual : nice;
    }
}
