package io.pgcaretaker.cleanup.policy;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.time.zone.ZoneOffsetTransition;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

    /** When it begins next, seen from outside of it. */
    public Instant next(Instant instant) {
        LocalDate day = instant.atZone(zone).toLocalDate();
        // By the day and not by 24 hours: the clock may have been put forward over this day's beginning.
        return Stream.of(day, day.plusDays(1))
                .flatMap(this::begins)
                .filter(begin -> begin.isAfter(instant))
                .findFirst()
                .orElseThrow();
    }

    /** Where the clock is put forward over it, that moment, since some of the window may be left; where it is put back, twice. */
    private Stream<Instant> begins(LocalDate day) {
        LocalDateTime at = day.atTime(from);
        ZoneOffsetTransition leap = zone.getRules().getTransition(at);
        if (leap == null) {
            return Stream.of(at.atZone(zone).toInstant());
        }
        return leap.isGap()
                ? Stream.of(leap.getInstant())
                : Stream.of(at.toInstant(leap.getOffsetBefore()), at.toInstant(leap.getOffsetAfter()));
    }
}
