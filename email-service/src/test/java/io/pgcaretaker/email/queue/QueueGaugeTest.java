package io.pgcaretaker.email.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class QueueGaugeTest {

    private static final Instant MEASURED = Instant.parse("2026-11-01T03:00:00Z");
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    /** It stayed what it was, mostly 0, and no alert fired for the mail that came to wait. */
    @Test
    void whatCannotBeMeasuredAnyMoreIsNotWhatItWasBefore() {
        QueueState state = new QueueState(1, 0, 0, 42, MEASURED);

        assertThat(oldestSeconds(state, Duration.ZERO, INTERVAL)).isEqualTo(42);
        assertThat(oldestSeconds(state, Duration.ofSeconds(60), INTERVAL)).isEqualTo(42);
        assertThat(oldestSeconds(state, Duration.ofSeconds(71), INTERVAL)).isNaN();
        assertThat(oldestSeconds(state, Duration.ofSeconds(71), Duration.ofHours(1)))
                .as("of a database that is left asleep")
                .isEqualTo(42);
    }

    @Test
    void whatWasNeverMeasuredIsNotZero() {
        QueueState state = new QueueState(0, 0, 0, 0, Instant.EPOCH);

        assertThat(oldestSeconds(state, Duration.ofSeconds(60), INTERVAL))
                .as("the first time is still to come")
                .isZero();
        assertThat(oldestSeconds(state, Duration.ofSeconds(71), INTERVAL)).isNaN();
    }

    /** Of a service that started when it was measured. */
    private static double oldestSeconds(QueueState state, Duration later, Duration interval) {
        return QueueGauge.oldestSeconds(state, MEASURED, MEASURED.plus(later), interval);
    }
}
