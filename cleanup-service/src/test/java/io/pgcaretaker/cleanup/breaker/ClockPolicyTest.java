package io.pgcaretaker.cleanup.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run each hour, retention 30 days; what the database's clock says, and what the last run left. */
class ClockPolicyTest {

    private static final Duration SKEW = Duration.ofSeconds(60);
    private static final Duration RETENTION = Duration.ofDays(30);

    @ParameterizedTest
    @CsvSource({
        // database, this process, the last run's start (empty: there was none), how far apart runs are
        "2026-06-01T12:00:00Z, 2026-06-01T12:00:00Z,                     , PT1H,   none",
        "2026-06-01T12:00:00Z, 2026-06-01T12:01:00Z, 2026-06-01T11:00:00Z, PT1H,   none",
        "2026-06-01T12:00:00Z, 2026-06-01T12:01:01Z, 2026-06-01T11:00:00Z, PT1H,   CLOCK_SKEW",
        "2026-06-01T12:00:00Z, 2026-06-01T11:58:59Z, 2026-06-01T11:00:00Z, PT1H,   CLOCK_SKEW",
        // both clocks a year ahead
        "2027-06-01T12:00:00Z, 2027-06-01T12:00:00Z, 2026-06-01T11:00:00Z, PT1H,   CLOCK_JUMP",
        // off over a holiday, and a day more
        "2026-07-06T11:00:00Z, 2026-07-06T11:00:00Z, 2026-06-01T11:00:00Z, PT1H,   none",
        "2026-07-07T11:00:00Z, 2026-07-07T11:00:00Z, 2026-06-01T11:00:00Z, PT1H,   CLOCK_JUMP",
        // a run a month: three of them may be left out
        "2026-08-28T11:00:00Z, 2026-08-28T11:00:00Z, 2026-06-01T11:00:00Z, PT720H, none",
        "2026-09-01T11:00:00Z, 2026-09-01T11:00:00Z, 2026-06-01T11:00:00Z, PT720H, CLOCK_JUMP",
        // both set back, by less than the clocks may be apart and by more
        "2026-06-01T10:59:30Z, 2026-06-01T10:59:30Z, 2026-06-01T11:00:00Z, PT1H,   none",
        "2026-06-01T10:58:00Z, 2026-06-01T10:58:00Z, 2026-06-01T11:00:00Z, PT1H,   CLOCK_JUMP"
    })
    void believesAClockOnlyWhileItGoesOn(
            Instant database, Instant here, Instant lastStart, Duration every, String verdict) {
        Instant lastCutoff = lastStart == null ? null : lastStart.minus(RETENTION);
        RunTimes times = new RunTimes(database, false, lastCutoff, lastStart);

        assertThat(ClockPolicy.trip(times, here, SKEW, database.minus(RETENTION), every)
                        .map(trip -> trip.verdict().name())
                        .orElse("none"))
                .isEqualTo(verdict);
    }
}
