package io.pgcaretaker.email.delivery;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** When a mail that a server did not want now is tried again: 1 m, 5 m, 15 m, 30 m, 1 h, 2 h, then every 4 h, ± 20 %. */
final class RetryPolicy {

    /** In units of the first pause; the reference is a smarthost, not the recipient's own server. */
    private static final int[] PAUSES = {1, 5, 15, 30, 60, 120, 240};

    private static final double JITTER = 0.2;

    private final Duration first;
    private final RandomGenerator random;

    RetryPolicy(Duration first, RandomGenerator random) {
        this.first = first;
        this.random = random;
    }

    /** The pause after this many used attempts, counted from 1. */
    Duration pauseAfter(int attempts) {
        int index = Math.min(Math.max(attempts, 1), PAUSES.length) - 1;
        double factor = PAUSES[index] * (1 - JITTER + 2 * JITTER * random.nextDouble());
        return Duration.ofMillis(Math.round(first.toMillis() * factor));
    }
}
