package io.pgcaretaker.email.digest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeriodTest {

    private static final LocalTime EIGHT = LocalTime.of(8, 0);

    @ParameterizedTest
    @CsvSource({
        "2026-03-04T08:00:00Z, 2026-03-04T08:00:00Z, 2026-03-02T08:00:00Z",
        "2026-03-04T07:59:59Z, 2026-03-03T08:00:00Z, 2026-03-02T08:00:00Z",
        "2026-03-02T08:00:00Z, 2026-03-02T08:00:00Z, 2026-03-02T08:00:00Z",
        "2026-03-02T07:00:00Z, 2026-03-01T08:00:00Z, 2026-02-23T08:00:00Z",
        "2026-01-01T00:00:00Z, 2025-12-31T08:00:00Z, 2025-12-29T08:00:00Z"
    })
    void lastWholePeriodEndsAtItsTime(Instant now, Instant day, Instant week) {
        assertThat(Period.DAY.end(now, EIGHT)).isEqualTo(day);
        assertThat(Period.WEEK.end(now, EIGHT)).isEqualTo(week);
    }

    @Test
    void periodsFollowEachOtherWithoutAGap() {
        Instant end = Instant.parse("2026-03-02T08:00:00Z");

        assertThat(Period.DAY.begin(end)).isEqualTo(Instant.parse("2026-03-01T08:00:00Z"));
        assertThat(Period.WEEK.begin(end)).isEqualTo(Instant.parse("2026-02-23T08:00:00Z"));
    }
}
