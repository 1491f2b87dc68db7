package io.pgcaretaker.cleanup.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetentionTest {

    @ParameterizedTest
    @CsvSource({
        "P30D, 2026-03-31T12:00:00Z, 2026-03-01T12:00:00Z",
        "P1M, 2026-03-31T12:00:00Z, 2026-02-28T12:00:00Z",
        "P1Y, 2028-02-29T00:00:00Z, 2027-02-28T00:00:00Z",
        "PT12H, 2026-01-01T06:00:00Z, 2025-12-31T18:00:00Z",
        "P1DT1H, 2026-01-02T01:00:00Z, 2026-01-01T00:00:00Z",
        "PT0S, 2026-01-01T00:00:00Z, 2026-01-01T00:00:00Z"
    })
    void countsByTheCalendar(String retention, String now, String cutoff) {
        assertThat(Retention.parse(retention).cutoff(ZonedDateTime.parse(now)).toInstant())
                .isEqualTo(ZonedDateTime.parse(cutoff).toInstant());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "30d", "P", "PT", "-P30D", "P-30D", "P30", "P2592000D", "P101Y", "P99999999999D"})
    void refusesWhatIsNoRetention(String text) {
        assertThatThrownBy(() -> Retention.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("retention must be");
    }

    @ParameterizedTest
    @CsvSource({
        "P29D, P30D, true",
        "P30D, P30D, false",
        "P31D, P30D, false",
        "P1M, P31D, true",
        "P1M, P29D, true",
        "P1M, P28D, false",
        "P30D, P1M, true",
        "P31D, P1M, false",
        "P365D, P1Y, true",
        "P1Y, P365D, false",
        "P12M, P1Y, false",
        "PT719H, P30D, true",
        "PT720H, P30D, false"
    })
    void isShorterWhereItIsOnAnyDay(String retention, String other, boolean shorter) {
        assertThat(Retention.parse(retention).isEverShorterThan(Retention.parse(other)))
                .isEqualTo(shorter);
    }

    /** Who was told of a day stays until then: a run counts back from its own. */
    @ParameterizedTest
    @ValueSource(strings = {"P30D", "P1M", "P1Y", "P1M5D", "P1M30D", "P1Y1M29D", "P2M1DT5H"})
    void whatIsTooOldHasComeToItsEnd(String retention) {
        Retention kept = Retention.parse(retention);
        ZonedDateTime now = ZonedDateTime.parse("2027-01-01T00:00:00Z");

        for (int day = 0; day < 1_500; day++, now = now.plusDays(1)) {
            assertThat(kept.end(kept.cutoff(now).toInstant())).isBeforeOrEqualTo(now.toInstant());
        }
    }

    /**
     * In Berlin, 02:30 comes twice on 25 October 2026; a column without zone does not tell which. On 29 March it does not come, and
     * means 03:30 to PostgreSQL.
     */
    @ParameterizedTest
    @CsvSource({
        "2026-10-24T23:30:00Z, 2026-10-25T01:30",
        "2026-10-25T00:30:00Z, 2026-10-25T02:00",
        "2026-10-25T01:30:00Z, 2026-10-25T02:30",
        "2026-03-29T00:59:59Z, 2026-03-29T01:59:59",
        "2026-03-29T01:00:00Z, 2026-03-29T02:00",
        "2026-03-29T01:30:00Z, 2026-03-29T02:00",
        "2026-03-29T02:00:00Z, 2026-03-29T04:00"
    })
    void takesNoRowEarlyInTheHourThatComesTwiceOrNotAtAll(String cutoff, String local) {
        assertThat(Retention.local(ZonedDateTime.parse(cutoff), ZoneId.of("Europe/Berlin")))
                .isEqualTo(LocalDateTime.parse(local));
    }
}
