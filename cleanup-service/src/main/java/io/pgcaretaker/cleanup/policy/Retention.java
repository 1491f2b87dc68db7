package io.pgcaretaker.cleanup.policy;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How long a row is kept: an ISO 8601 duration, counted by the calendar ({@code P1M} is a month, not 30 days).
 *
 * @param date the part in days, months, years
 * @param time the part in hours, minutes, seconds
 */
public record Retention(Period date, Duration time) {

    /** No retention anybody means is longer; a number of seconds taken for days is. */
    private static final long LONGEST_DAYS = 36_500;

    /** The first of so many days in which months and years of every length are. */
    private static final ZonedDateTime A_CALENDAR = ZonedDateTime.of(2024, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

    private static final int CALENDAR_DAYS = 4 * 365 + 1;

    private static final Pattern ISO = Pattern.compile("(P(?:\\d+[YMWD])*)(T(?:\\d+[HMS])+)?");

    public static Retention parse(String text) {
        Matcher parts = ISO.matcher(text.strip());
        if (!parts.matches() || text.strip().equals("P")) {
            throw new IllegalArgumentException("retention must be like P30D, P6M or PT12H, but is '" + text + "'");
        }
        try {
            String date = parts.group(1);
            String time = parts.group(2);
            return checked(new Retention(
                    date.equals("P") ? Period.ZERO : Period.parse(date),
                    time == null ? Duration.ZERO : Duration.parse("P" + time)));
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException("retention must be like P30D, P6M or PT12H, but is '" + text + "'", e);
        }
    }

    public static Retention ofDays(int days) {
        return new Retention(Period.ofDays(days), Duration.ZERO);
    }

    private static Retention checked(Retention retention) {
        if (retention.approximateDays() > LONGEST_DAYS) {
            throw new IllegalArgumentException(
                    "retention must be at most " + LONGEST_DAYS + " days, but is '" + retention + "'");
        }
        return retention;
    }

    boolean isShorterThanADay() {
        return approximateDays() < 1;
    }

    private long approximateDays() {
        return ChronoUnit.DAYS.between(LocalDate.EPOCH, LocalDate.EPOCH.plus(date)) + time.toDays();
    }

    /** The instant before which a row is too old, seen from {@code now}; the calendar is UTC's. */
    public ZonedDateTime cutoff(ZonedDateTime now) {
        return now.withZoneSameInstant(ZoneOffset.UTC).minus(date).minus(time);
    }

    /**
     * The instant at which what is from then is as old as this; the calendar is UTC's. The steps of {@link #cutoff} the other way round:
     * months before days would end up to three days behind the moment at which a run takes it, as {@code P1M5D} in February.
     */
    public Instant end(Instant from) {
        return from.atZone(ZoneOffset.UTC)
                .plus(time)
                .plus(date.withYears(0).withMonths(0))
                .plus(date.withDays(0))
                .toInstant();
    }

    /**
     * Whether rows go by this that the other keeps, on any day of the calendar: a month may be less than 30 days, and a year is more
     * than 365 in one of four.
     */
    public boolean isEverShorterThan(Retention other) {
        return Stream.iterate(A_CALENDAR, day -> day.plusDays(1))
                .limit(CALENDAR_DAYS)
                .anyMatch(day -> other.cutoff(day).isBefore(cutoff(day)));
    }

    /** Whether this is more than the other, as far as months and days can be compared. */
    public boolean isLongerThan(Retention other) {
        return end(Instant.EPOCH).isAfter(other.end(Instant.EPOCH));
    }

    /**
     * The cutoff as a time of day in {@code zone}, for columns without time zone. In the hour that a zone has twice, the
     * column does not tell which of the two it means; then the hour's beginning is taken, so that no row goes early. What lies in
     * the hour that a zone leaves out, as a sum of a time and some hours may, means one in the hour behind it; until that is over,
     * the gap's beginning is taken.
     */
    public static LocalDateTime local(ZonedDateTime cutoff, ZoneId zone) {
        LocalDateTime local = cutoff.withZoneSameInstant(zone).toLocalDateTime();
        Instant instant = cutoff.toInstant();
        ZoneOffsetTransition transition = zone.getRules().getTransition(local);
        if (transition != null && transition.isOverlap() && instant.isBefore(transition.getInstant())) {
            return transition.getDateTimeAfter();
        }
        ZoneOffsetTransition last = zone.getRules().previousTransition(instant.plusNanos(1));
        if (last != null && last.isGap() && instant.isBefore(last.getInstant().plus(last.getDuration()))) {
            return last.getDateTimeBefore();
        }
        return local;
    }

    @Override
    public String toString() {
        if (time.isZero()) {
            return date.isZero() ? "PT0S" : date.toString();
        }
        return (date.isZero() ? "P" : date.toString()) + time.toString().substring(1);
    }
}
