package io.pgcaretaker.email.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RoadsTest {

    private final Roads roads = new Roads(
            List.of(SmtpSettings.parse("smtp://first:25"), SmtpSettings.parse("smtp://second:25")),
            () -> new Circuit(() -> 0L, RandomGenerator.getDefault(), Duration.ofSeconds(5), Duration.ofMinutes(5)));

    private String entered() {
        return roads.enter().map(passage -> passage.road().name()).orElse("none");
    }

    @Test
    void wantedWayIsTakenWhileItIsOpen() {
        assertThat(entered()).isEqualTo("first:25");
        assertThat(roads.state()).isEqualTo("ok");
    }

    @Test
    void nextWayIsTakenAtOnceAndNothingIsCalledPaused() {
        roads.all().get(0).circuit().failed("down");

        assertThat(entered()).isEqualTo("second:25");
        assertThat(roads.pauseLeft()).isZero();
        assertThat(roads.state()).isEqualTo("ok");
        assertThat(roads.isClosed()).isFalse();
        assertThat(roads.standings().get(0).state()).startsWith("paused").endsWith("down");
    }

    @Test
    void withAllAtFaultMailWaitsForTheFirstProbeAndBothAreNamed() {
        roads.all().forEach(road -> road.circuit().failed("down"));

        assertThat(entered()).isEqualTo("none");
        assertThat(roads.isClosed()).isTrue();
        assertThat(roads.pauseLeft()).isBetween(Duration.ofMillis(2_500), Duration.ofSeconds(5));
        assertThat(roads.state()).contains("first:25 paused", "second:25 paused");
    }
}
