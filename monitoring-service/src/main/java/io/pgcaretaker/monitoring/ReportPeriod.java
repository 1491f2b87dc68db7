package io.pgcaretaker.monitoring;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/** What time a report tells of, in days, weeks or months of UTC. */
public enum ReportPeriod {
    DAILY,
    WEEKLY,
    MONTHLY;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** When the last one that is over by now ended, at this hour. */
    public Instant lastEnd(Instant now, int hour) {
        LocalDate day = now.atZone(ZoneOffset.UTC).minusHours(hour).toLocalDate();
        LocalDate end = switch (this) {
            case DAILY -> day;
            case WEEKLY -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            case MONTHLY -> day.withDayOfMonth(1);
        };
        return end.atTime(hour, 0).toInstant(ZoneOffset.UTC);
    }

    /** When the one that ends then began. */
    public Instant begin(Instant end) {
        ZonedDateTime time = end.atZone(ZoneOffset.UTC);
        ZonedDateTime begin = switch (this) {
            case DAILY -> time.minusDays(1);
            case WEEKLY -> time.minusWeeks(1);
            case MONTHLY -> time.minusMonths(1);
        };
        return begin.toInstant();
    }
}
