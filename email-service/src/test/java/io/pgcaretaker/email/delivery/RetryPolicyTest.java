package io.pgcaretaker.email.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryPolicyTest {

    private final RetryPolicy policy = new RetryPolicy(Duration.ofMinutes(1), new Random(7));

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 5", "3, 15", "4, 30", "5, 60", "6, 120", "7, 240", "8, 240", "1000, 240"})
    void pausesGrowToFourHoursWithAFifthOfJitter(int attempts, int minutes) {
        for (int i = 0; i < 100; i++) {
            assertThat(policy.pauseAfter(attempts))
                    .isBetween(Duration.ofSeconds(minutes * 48L), Duration.ofSeconds(minutes * 72L));
        }
    }
}
