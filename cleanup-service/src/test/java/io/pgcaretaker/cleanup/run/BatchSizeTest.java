package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BatchSizeTest {

    private final BatchSize size = new BatchSize(Duration.ofMillis(100), BatchSize.Range.PICKED);

    @Test
    void growsUntilABatchLastsAsLongAsItShould() {
        for (int i = 0; i < 50; i++) {
            size.measured(size.units(), Duration.ofNanos(size.units() * 50_000L));
        }

        assertThat(size.units()).isEqualTo(2_000);
    }

    @Test
    void neverTakesMoreThanTheCeiling() {
        for (int i = 0; i < 50; i++) {
            size.measured(size.units(), Duration.ofMillis(1));
        }

        assertThat(size.units()).isEqualTo(5_000);
    }

    /** A slow round trip costs the same for one row as for fifty: shrinking further would only add round trips. */
    @Test
    void doesNotShrinkBelowTheFloorWhereTheTimeIsNotTheRows() {
        for (int i = 0; i < 50; i++) {
            size.measured(size.units(), Duration.ofMillis(400));
        }

        assertThat(size.units()).isEqualTo(50);
    }

    @Test
    void halvesAfterATimeoutDownToOneAndRecovers() {
        for (int i = 0; i < 10; i++) {
            size.halve();
        }
        assertThat(size.isSmallest()).isTrue();

        size.measured(1, Duration.ofMillis(400));

        assertThat(size.units()).isEqualTo(2);
    }
}
