package io.pgcaretaker.email.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CircuitTest {

    private final SettableClock clock = new SettableClock();
    private final Circuit circuit = new Circuit(clock, new Random(1), Duration.ofSeconds(5), Duration.ofMinutes(5));

    @Test
    void closedItIsAnOpenRoad() {
        assertThat(circuit.enter()).isEqualTo(Circuit.Admission.OPEN_ROAD);
    }

    @Test
    void openItLetsOneProbeThroughAfterThePause() {
        circuit.failed("down");
        assertThat(circuit.enter()).isEqualTo(Circuit.Admission.REFUSED);

        clock.tick(Duration.ofSeconds(6));

        assertThat(circuit.enter()).isEqualTo(Circuit.Admission.PROBE);
        assertThat(circuit.enter()).isEqualTo(Circuit.Admission.REFUSED);
    }

    @Test
    void successClosesIt() {
        circuit.failed("down");
        clock.tick(Duration.ofSeconds(6));
        circuit.enter();

        circuit.worked();

        assertThat(circuit.enter()).isEqualTo(Circuit.Admission.OPEN_ROAD);
        assertThat(circuit.reason()).isNull();
    }

    @Test
    void pausesGrowToTheLongestAndFaultsUnderWayDoNotCountTwice() {
        circuit.failed("down");
        Duration first = circuit.pauseLeft();
        circuit.failed("down");
        assertThat(circuit.pauseLeft()).isEqualTo(first);
        assertThat(first).isBetween(Duration.ofMillis(2500), Duration.ofSeconds(5));

        for (int i = 0; i < 20; i++) {
            clock.tick(Duration.ofMinutes(10));
            circuit.enter();
            circuit.failed("down");
        }

        assertThat(circuit.pauseLeft()).isBetween(Duration.ofSeconds(150), Duration.ofMinutes(5));
    }

    @Test
    void probeThatFoundNothingLetsTheNextOneTry() {
        circuit.failed("down");
        clock.tick(Duration.ofSeconds(6));
        circuit.enter();

        circuit.unused();

        assertThat(circuit.enter()).isEqualTo(Circuit.Admission.PROBE);
    }

    private static final class SettableClock extends Clock {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        void tick(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
