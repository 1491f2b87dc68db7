package io.pgcaretaker.email.webhook;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** When a message that was not taken is told again, as Svix does: eight times within 28 hours. */
final class WebhookRetryPolicy {

    private static final List<Duration> PAUSES = List.of(
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(5),
            Duration.ofHours(10),
            Duration.ofHours(10));

    private final RandomGenerator random;

    WebhookRetryPolicy(RandomGenerator random) {
        this.random = random;
    }

    /** Absent after the last attempt, counted from 1. Up to a fifth longer, so that a herd spreads. */
    Optional<Duration> pauseAfter(int attempt) {
        if (attempt > PAUSES.size()) {
            return Optional.empty();
        }
        Duration pause = PAUSES.get(Math.max(attempt, 1) - 1);
        return Optional.of(pause.plusMillis(random.nextLong(pause.toMillis() / 5)));
    }
}
