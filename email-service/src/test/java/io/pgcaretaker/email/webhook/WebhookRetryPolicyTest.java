package io.pgcaretaker.email.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class WebhookRetryPolicyTest {

    private final WebhookRetryPolicy policy = new WebhookRetryPolicy(RandomGenerator.getDefault());

    @Test
    void eightAttemptsWithinMoreThanADay() {
        Duration all = Duration.ZERO;
        for (int attempt = 1; attempt <= 7; attempt++) {
            all = all.plus(policy.pauseAfter(attempt).orElseThrow());
        }

        assertThat(all).isBetween(Duration.ofHours(27), Duration.ofHours(34));
        assertThat(policy.pauseAfter(8)).isEmpty();
    }
}
