package io.pgcaretaker.cleanup.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RhythmTest {

    @ParameterizedTest
    @CsvSource({
        "'30 3 * * *', 2026-03-01T03:29:59Z, 2026-02-28T03:30:00Z",
        "'30 3 * * *', 2026-03-01T03:30:00Z, 2026-03-01T03:30:00Z",
        "'0 0 1 * *',  2026-03-15T12:00:00Z, 2026-03-01T00:00:00Z",
        "'*/15 * * * *', 2026-03-15T12:44:59Z, 2026-03-15T12:30:00Z"
    })
    void aCronSlotIsTheLastTimeThatHasCome(String cron, Instant now, Instant slot) {
        assertThat(Rhythm.ofCron(cron).slot(now)).isEqualTo(slot);
    }

    @ParameterizedTest
    @CsvSource({"PT1H, 2026-03-01T03:59:59Z, 2026-03-01T03:00:00Z", "PT24H, 2026-03-01T03:59:59Z, 2026-03-01T00:00:00Z"
    })
    void anIntervalSlotIsItsBeginning(Duration every, Instant now, Instant slot) {
        assertThat(new Rhythm(every, null).slot(now)).isEqualTo(slot);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "every night", "61 3 * * *", "30 3 * *", "30 3 31 2 *"})
    void whatIsNoCronIsRefused(String cron) {
        assertThatThrownBy(() -> Rhythm.ofCron(cron))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("cron");
    }

    @ParameterizedTest
    @CsvSource({
        "22:00-05:30, 2026-01-01T21:59:59Z, false, 2026-01-01T22:00:00Z",
        "22:00-05:30, 2026-01-01T23:00:00Z, true,  2026-01-02T22:00:00Z",
        "22:00-05:30, 2026-01-01T05:30:00Z, false, 2026-01-01T22:00:00Z",
        "01:00-02:00, 2026-01-01T01:00:00Z, true,  2026-01-02T01:00:00Z",
        "01:00-02:00, 2026-01-01T02:00:00Z, false, 2026-01-02T01:00:00Z"
    })
    void aWindowMayGoOverMidnight(String text, Instant now, boolean inside, Instant next) {
        DayWindow window = DayWindow.parse(text, ZoneId.of("UTC"));

        assertThat(window.contains(now)).isEqualTo(inside);
        assertThat(window.next(now)).isEqualTo(next);
    }

    /** Berlin, 2026-03-29: there is no 02:30. */
    @Test
    void aWindowInTheHourThatIsLeftOutOpensTheDayAfter() {
        DayWindow window = DayWindow.parse("02:15-02:45", ZoneId.of("Europe/Berlin"));
        Instant shifted = window.next(Instant.parse("2026-03-28T12:00:00Z"));

        assertThat(window.contains(shifted)).isFalse();
        assertThat(window.next(shifted)).isEqualTo(Instant.parse("2026-03-30T00:15:00Z"));
    }

    /** Berlin, 2026-10-25: 02:30 comes twice. */
    @Test
    void aWindowInTheHourThatComesTwiceIsOpenTwice() {
        DayWindow window = DayWindow.parse("02:15-02:45", ZoneId.of("Europe/Berlin"));

        assertThat(window.contains(Instant.parse("2026-10-25T00:30:00Z"))).isTrue();
        assertThat(window.contains(Instant.parse("2026-10-25T01:00:00Z"))).isFalse();
        assertThat(window.contains(Instant.parse("2026-10-25T01:30:00Z"))).isTrue();
    }

    /** Berlin, 2026-03-29: at 02:00 it is 03:00, and by 03:30 the window would be over. */
    @Test
    void aWindowWhoseBeginningIsLeftOutOpensWithTheHourAfterThat() {
        DayWindow window = DayWindow.parse("02:30-03:15", ZoneId.of("Europe/Berlin"));
        Instant opens = Instant.parse("2026-03-29T01:00:00Z");

        assertThat(window.next(Instant.parse("2026-03-29T00:59:59Z"))).isEqualTo(opens);
        assertThat(window.contains(opens)).isTrue();
    }

    @Test
    void aWindowThatComesTwiceIsWaitedForTwice() {
        DayWindow window = DayWindow.parse("02:15-02:45", ZoneId.of("Europe/Berlin"));

        assertThat(window.next(Instant.parse("2026-10-25T00:45:00Z"))).isEqualTo(Instant.parse("2026-10-25T01:15:00Z"));
        assertThat(window.next(Instant.parse("2026-10-25T01:45:00Z"))).isEqualTo(Instant.parse("2026-10-26T01:15:00Z"));
    }

    /** By how far apart runs are a leap of the clock is told from a pause. */
    @ParameterizedTest
    @CsvSource({
        "'30 3 * * *', PT24H",
        "'*/15 * * * *', PT15M",
        "'0 9,10 * * *', PT23H",
        "'0 22 * * 1-5', PT72H",
        "'0 3 1,2 1,7 *', PT4392H"
    })
    void runsAreAsFarApartAsTheLongestPause(String cron, Duration every) {
        assertThat(Rhythm.ofCron(cron).every()).isEqualTo(every);
    }

    @Test
    void aCronThatComesEveryFourthYearIsOne() {
        Rhythm leapDays = Rhythm.ofCron("0 0 29 2 *");

        assertThat(leapDays.every()).hasDays(366);
        assertThat(leapDays.slot(Instant.parse("2027-01-01T00:00:00Z")))
                .isEqualTo(Instant.parse("2024-02-29T00:00:00Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"22-5", "22:00-22:00", "25:00-26:00", ""})
    void whatIsNoWindowIsRefused(String text) {
        assertThatThrownBy(() -> DayWindow.parse(text, ZoneId.of("UTC"))).hasMessageStartingWith("window must");
    }
}
