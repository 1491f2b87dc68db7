package io.pgcaretaker.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StandbyTest {

    private final TickingClock clock = new TickingClock(Instant.parse("2026-03-01T12:00:00Z"));
    private final Standby standby = new Standby(clock, Duration.ofSeconds(16));

    @Test
    void whoHasHeardOfNobodySpeaksAfterTheFirstRound() {
        assertThat(standby.isSilent()).isTrue();

        clock.tick(Duration.ofSeconds(15));

        assertThat(standby.isSilent()).isFalse();
    }

    @Test
    void theHolderSpeaksAtOnce() {
        standby.isHolder();

        assertThat(standby.isSilent()).isFalse();
    }

    @Test
    void whoSawAnotherHoldIsSilentForTheLengthOfALease() {
        standby.isHolder();
        standby.sawAnotherHold();
        assertThat(standby.isSilent()).isTrue();
        clock.tick(Duration.ofSeconds(10));
        standby.sawAnotherHold();
        clock.tick(Duration.ofSeconds(15));
        assertThat(standby.isSilent()).isTrue();

        clock.tick(Duration.ofSeconds(1));

        assertThat(standby.isSilent()).isFalse();
    }

    @Test
    void oneThatHasNobodyBesideItSpeaks() {
        assertThat(Standby.alone(clock).isSilent()).isFalse();
    }
}
