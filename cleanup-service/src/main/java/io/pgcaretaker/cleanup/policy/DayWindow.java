package io.pgcaretaker.cleanup.policy;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of the day in which a policy may work; one that ends before it begins goes over midnight.
 *
 * @param from the first moment
 * @param to the first moment after it
 */
public record DayWindow(LocalTime from, LocalTime to, ZoneId zone) {

    private static final Pattern TEXT = Pattern.compile("(\\d\\d:\\d\\d)-(\\d\\d:\\d\\d)");

    public DayWindow {
        if (from.equals(to)) {
            throw new IllegalArgumentException("window must not be empty, but is '" + from + "-" + to + "'");
        }
    }

    /** Such as {@code 22:00-05:30}. */
    static DayWindow parse(String text, ZoneId zone) {
        Matcher parts = TEXT.matcher(text);
        try {
            if (parts.matches()) {
                return new DayWindow(LocalTime.parse(parts.group(1)), LocalTime.parse(parts.group(2)), zone);
            }
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("window must be like 22:00-05:30, but is '" + text + "'", e);
        }
        throw new IllegalArgumentException("window must be like 22:00-05:30, but is '" + text + "'");
    }

    public boolean contains(Instant instant) {
        LocalTime time = instant.atZone(zone).toLocalTime();
        boolean began = !time.isBefore(from);
        boolean over = !time.isBefore(to);
        return from.isBefore(to) ? began && !over : began || !over;
    }

    /** When it begins next. */
    public Instant next(Instant instant) {
        LocalDate day = instant.atZone(zone).toLocalDate();
        Instant begin = day.atTime(from).atZone(zone).toInstant();
        // By the day and not by 24 hours: the clock may have been put forward over this day's beginning.
        return begin.isAfter(instant)
                ? begin
                : day.plusDays(1).atTime(from).atZone(zone).toInstant();
    }
}
