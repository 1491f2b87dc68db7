package io.pgcaretaker.email.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SmtpServersTest {

    private final SmtpServers servers = new SmtpServers(
            List.of(SmtpSettings.parse("smtp://first:25"), SmtpSettings.parse("smtp://second:25")),
            () -> new Circuit(() -> 0L, RandomGenerator.getDefault(), Duration.ofSeconds(5), Duration.ofMinutes(5)));

    private String entered() {
        return servers.enter().map(passage -> passage.server().name()).orElse("none");
    }

    @Test
    void wantedWayIsTakenWhileItIsOpen() {
        assertThat(entered()).isEqualTo("first:25");
        assertThat(servers.state()).isEqualTo("ok");
    }

    @Test
    void nextWayIsTakenAtOnceAndNothingIsCalledPaused() {
        servers.all().get(0).circuit().failed("down");

        assertThat(entered()).isEqualTo("second:25");
        assertThat(servers.pauseLeft()).isZero();
        assertThat(servers.state()).isEqualTo("ok");
        assertThat(servers.isClosed()).isFalse();
        assertThat(servers.standings().get(0).state()).startsWith("paused").endsWith("down");
    }

    @Test
    void withAllAtFaultMailWaitsForTheFirstProbeAndBothAreNamed() {
        servers.all().forEach(server -> server.circuit().failed("down"));

        assertThat(entered()).isEqualTo("none");
        assertThat(servers.isClosed()).isTrue();
        assertThat(servers.pauseLeft()).isBetween(Duration.ofMillis(2_500), Duration.ofSeconds(5));
        assertThat(servers.state()).contains("first:25 paused", "second:25 paused");
    }
}
