package io.pgcaretaker.cleanup.removal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BatchSizeTest {

    private final BatchSize size = new BatchSize(Duration.ofMillis(100), BatchSize.Range.PICKED);

    private void measured(int units, Duration took) {
        size.measured(units, took, took);
    }

    @Test
    void growsUntilABatchLastsAsLongAsItShould() {
        for (int i = 0; i < 50; i++) {
            measured(size.units(), Duration.ofNanos(size.units() * 50_000L));
        }

        assertThat(size.units()).isEqualTo(2_000);
    }

    /** Ten milliseconds of each transaction are round trips: a first small window must not look expensive for them. */
    @Test
    void whatIsTheSameForEveryBatchIsNotTakenForTheCostOfARow() {
        int batches = 0;
        while (size.units() < 1_000 && batches < 20) {
            Duration rows = Duration.ofNanos(size.units() * 50_000L);
            size.measured(size.units(), rows, rows.plusMillis(10));
            batches++;
        }
        assertThat(batches).isLessThanOrEqualTo(2);
        for (int i = 0; i < 50; i++) {
            Duration rows = Duration.ofNanos(size.units() * 50_000L);
            size.measured(size.units(), rows, rows.plusMillis(10));
        }

        assertThat(size.units())
                .as("the whole transaction lasts as long as it should")
                .isBetween(1_790, 1_800);
    }

    /** A hundred rows in cold memory say little about the thousands that follow. */
    @Test
    void aSmallWindowIsForgottenOnceALargeOneIsMeasured() {
        measured(100, Duration.ofMillis(20));
        for (int i = 0; i < 2; i++) {
            measured(size.units(), Duration.ofNanos(size.units() * 16_000L));
        }

        assertThat(size.units())
                .as("not smaller than the window that lasted half as long as it may")
                .isGreaterThan(3_125);
    }

    /** Where a hundred rows took long, by a trigger for one, a few blocks of them may take too long already. */
    @Test
    void beginsWithMoreBlocksOnlyWhereTheCanaryWasQuick() {
        BatchSize dear = new BatchSize(Duration.ofMillis(100), BatchSize.Range.BLOCKS);
        dear.rowsTook(Duration.ofMillis(50));
        assertThat(dear.units()).isEqualTo(8);

        BatchSize cheap = new BatchSize(Duration.ofMillis(100), BatchSize.Range.BLOCKS);
        cheap.rowsTook(Duration.ofMillis(2));
        assertThat(cheap.units()).isEqualTo(32);
    }

    @Test
    void neverTakesMoreThanTheCeiling() {
        for (int i = 0; i < 50; i++) {
            measured(size.units(), Duration.ofMillis(1));
        }

        assertThat(size.units()).isEqualTo(5_000);
    }

    /** A slow round trip costs the same for one row as for fifty: shrinking further would only add round trips. */
    @Test
    void doesNotShrinkBelowTheFloorWhereTheTimeIsNotTheRows() {
        for (int i = 0; i < 50; i++) {
            measured(size.units(), Duration.ofMillis(400));
        }

        assertThat(size.units()).isEqualTo(50);
    }

    @Test
    void halvesAfterATimeoutDownToOneAndRecovers() {
        for (int i = 0; i < 10; i++) {
            size.halve();
        }
        assertThat(size.isSmallest()).isTrue();

        measured(1, Duration.ofMillis(400));

        assertThat(size.units()).isEqualTo(2);
    }
}
