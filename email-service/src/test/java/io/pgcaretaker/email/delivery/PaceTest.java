package io.pgcaretaker.email.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PaceTest {

    private final AtomicLong nanos = new AtomicLong();
    private final Pace pace = new Pace(nanos::get);

    private Duration after(Duration passed, int claimed) {
        nanos.addAndGet(passed.toNanos());
        return pace.gapAfter(claimed);
    }

    private void manyCome() {
        for (int i = 0; i < 30; i++) {
            after(Duration.ofMillis(10), 5);
        }
    }

    @Test
    void whileFewComeNobodyWaits() {
        for (int i = 0; i < 100; i++) {
            assertThat(after(Duration.ofMillis(20), i % 2)).isZero();
        }
    }

    @Test
    void whileManyComeTheyGather() {
        manyCome();

        assertThat(after(Duration.ofMillis(10), 5)).isPositive();
        assertThat(after(Duration.ofMillis(10), 0)).isPositive();
    }

    @Test
    void fullClaimsAreFollowedAtOnce() {
        manyCome();

        assertThat(after(Duration.ofMillis(10), ClaimRepository.BATCH)).isZero();
    }

    @Test
    void firstAfterAQuietTimeDoesNotWait() {
        manyCome();

        assertThat(after(Duration.ofMinutes(1), 1)).isZero();
        assertThat(after(Duration.ofMillis(150), 1)).isZero();
    }
}
