package io.pgcaretaker.email.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PollingTest {

    @Test
    void withoutASeldomIntervalNothingIsAskedAndItIsSoonTimeAgain() throws SQLException {
        Polling polling = new Polling(Duration.ZERO, Duration.ZERO, () -> {
            throw new SQLException("asked");
        });

        polling.found(0);

        assertThat(polling.isTime()).isTrue();
    }

    @Test
    void emptyQueueIsLeftAloneUntilSomethingIsDue() throws SQLException {
        AtomicInteger asked = new AtomicInteger();
        Polling polling = new Polling(Duration.ZERO, Duration.ofMinutes(5), () -> {
            asked.incrementAndGet();
            return Duration.ofMinutes(1);
        });
        assertThat(polling.isTime()).isTrue();

        polling.found(0);

        assertThat(asked).hasValue(1);
        assertThat(polling.isTime()).isFalse();
    }

    @Test
    void queueWithMailIsLookedAtOften() throws SQLException {
        Polling polling = new Polling(Duration.ZERO, Duration.ofMinutes(5), () -> Duration.ofDays(1));

        polling.found(3);

        assertThat(polling.isTime()).isTrue();
    }
}
