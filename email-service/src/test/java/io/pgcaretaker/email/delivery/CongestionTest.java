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

    /** Returns whether it may begin; whoever may is quick. */
    private boolean quick(String domain) {
        pass(Duration.ofMillis(1));
        boolean begun = congestion.begins("quick", domain);
        pass(Duration.ofMillis(10));
        congestion.ends("quick");
        return begun;
    }

    @Test
    void quickServerMayHaveEveryWorker() {
        for (int i = 0; i < 20; i++) {
            assertThat(congestion.begins("w" + i, "x.test")).isTrue();
        }

        assertThat(congestion.slow()).isZero();
    }

    @Test
    void twoMailsThatDragOnAreEnoughAndOtherDomainsGoOn() {
        congestion.begins("a", "silent.test");
        congestion.begins("b", "silent.test");
        pass(Congestion.SLOW.plusMillis(1));

        assertThat(congestion.begins("c", "silent.test")).isFalse();
        assertThat(congestion.begins("d", "x.test")).isTrue();
        assertThat(congestion.slow()).isEqualTo(2);
        assertThat(congestion.isSlow("a")).isTrue();
        assertThat(congestion.isSlow("c")).isFalse();
        assertThat(congestion.takeRefused()).isEqualTo(1);
        assertThat(congestion.takeRefused()).isZero();
    }

    @Test
    void domainThatWasSlowHasOneWorkerUntilItIsQuickAgain() {
        congestion.begins("a", "silent.test");
        pass(Duration.ofSeconds(30));
        congestion.ends("a");

        assertThat(congestion.begins("b", "silent.test")).isTrue();
        assertThat(congestion.begins("c", "silent.test")).isFalse();
        pass(Duration.ofMillis(10));
        congestion.ends("b");
        assertThat(congestion.begins("c", "silent.test")).isTrue();
        assertThat(congestion.begins("d", "silent.test")).isTrue();
    }

    @Test
    void conversationsThatOthersOvertakeAreNotTheirDomainsTrouble() {
        congestion.begins("a", "x.test");
        congestion.begins("b", "x.test");
        assertThat(quick("x.test")).isTrue();
        pass(Congestion.SLOW.plusMillis(1));

        assertThat(quick("x.test")).isTrue();
        assertThat(congestion.slow()).isEqualTo(2);
    }

    @Test
    void whatBeganBeforeADomainFellSilentOvertakesNothing() {
        congestion.begins("before", "x.test");
        congestion.begins("a", "x.test");
        congestion.begins("b", "x.test");
        congestion.ends("before");
        pass(Congestion.SLOW.plusMillis(1));

        assertThat(quick("x.test")).isFalse();
    }

    @Test
    void oneDomainHoldsUpSoManyWorkersHoweverManyOvertakeThem() {
        for (int i = 0; i < Congestion.MOST_HELD_UP; i++) {
            assertThat(congestion.begins("held" + i, "x.test")).isTrue();
            assertThat(quick("x.test")).isTrue();
            pass(Congestion.SLOW);
        }

        assertThat(quick("x.test")).isFalse();
        assertThat(quick("y.test")).isTrue();
    }

    @Test
    void jammedDomainIsTriedAgainByOneMailNowAndThenAndGoesOnWhenThatIsQuick() {
        congestion.begins("a", "x.test");
        congestion.begins("b", "x.test");
        pass(Congestion.TRY_AGAIN);
        assertThat(congestion.begins("try", "x.test")).isFalse();
        pass(Duration.ofMillis(1));

        assertThat(congestion.begins("try", "x.test")).isTrue();
        assertThat(congestion.begins("c", "x.test")).isFalse();
        pass(Duration.ofMillis(10));
        congestion.ends("try");
        assertThat(congestion.begins("c", "x.test")).isTrue();
        assertThat(congestion.begins("d", "x.test")).isTrue();
    }

    @Test
    void nothingIsTriedAgainWhileManyWorkersAreHeldUp() {
        for (int i = 0; i < Congestion.MOST_HELD_UP; i++) {
            congestion.begins("w" + i, "silent" + i % 4 + ".test");
        }
        pass(Congestion.TRY_AGAIN.plusMillis(1));

        assertThat(congestion.begins("try", "silent0.test")).isFalse();
    }
}
