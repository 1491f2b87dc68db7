package io.pgcaretaker.email.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitTest {

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
    private final Circuit circuit =
            new Circuit(nanos::get, new Random(1), Duration.ofSeconds(5), Duration.ofMinutes(5));

    private void tick(Duration by) {
        nanos.addAndGet(by.toNanos());
    }

    @Test
    void closedItIsAnOpenRoad() {
        assertThat(circuit.enter()).isEqualTo(Circuit.Admission.OPEN_ROAD);
    }

    @Test
    void openItLetsOneProbeThroughAfterThePause() {
        circuit.failed("down");
        assertThat(circuit.enter()).isEqualTo(Circuit.Admission.REFUSED);

        tick(Duration.ofSeconds(6));

        assertThat(circuit.enter()).isEqualTo(Circuit.Admission.PROBE);
        assertThat(circuit.enter()).isEqualTo(Circuit.Admission.REFUSED);
    }

    @Test
    void successClosesIt() {
        circuit.failed("down");
        tick(Duration.ofSeconds(6));
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
            tick(Duration.ofMinutes(10));
            circuit.enter();
            circuit.failed("down");
        }

        assertThat(circuit.pauseLeft()).isBetween(Duration.ofSeconds(150), Duration.ofMinutes(5));
    }

    @Test
    void probeThatFoundNothingLetsTheNextOneTry() {
        circuit.failed("down");
        tick(Duration.ofSeconds(6));
        circuit.enter();

        circuit.unused();

        assertThat(circuit.enter()).isEqualTo(Circuit.Admission.PROBE);
    }
}
