package io.pgcaretaker.email.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CongestionTest {

    private final AtomicLong now = new AtomicLong();
    private final Congestion congestion = new Congestion(now::get);

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void quickServerMayHaveEveryWorker() {
        for (int i = 0; i < 20; i++) {
            congestion.begins("w" + i, "x.test");
        }

        assertThat(congestion.isJammed("x.test")).isFalse();
        assertThat(congestion.slow()).isZero();
    }

    @Test
    void twoMailsThatDragOnAreEnoughAndOtherDomainsGoOn() {
        congestion.begins("a", "silent.test");
        congestion.begins("b", "silent.test");
        pass(Congestion.SLOW.plusMillis(1));

        assertThat(congestion.isJammed("silent.test")).isTrue();
        assertThat(congestion.isJammed("x.test")).isFalse();
        assertThat(congestion.slow()).isEqualTo(2);
        assertThat(congestion.isSlow("a")).isTrue();
        assertThat(congestion.isSlow("c")).isFalse();
    }

    @Test
    void domainThatWasSlowHasOneWorkerUntilItIsQuickAgain() {
        congestion.begins("a", "silent.test");
        pass(Duration.ofSeconds(30));
        congestion.ends("a");
        assertThat(congestion.isJammed("silent.test")).isFalse();

        congestion.begins("b", "silent.test");
        assertThat(congestion.isJammed("silent.test")).isTrue();
        pass(Duration.ofMillis(10));
        congestion.ends("b");
        congestion.begins("c", "silent.test");

        assertThat(congestion.isJammed("silent.test")).isFalse();
    }
}
