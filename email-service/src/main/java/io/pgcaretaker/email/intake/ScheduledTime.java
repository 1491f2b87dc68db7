package io.pgcaretaker.email.intake;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code scheduled_at}: ISO 8601 with an offset, or {@code in 1 hour}. */
public final class ScheduledTime {

    private static final Pattern RELATIVE =
            Pattern.compile("in (?<count>[0-9]{1,6}|an?) (?<unit>second|sec|minute|min|hour|day|week)s?");

    private ScheduledTime() {}

    /** Absent stays absent; a time that has passed means now. */
    public static @Nullable Instant read(@Nullable String text, Instant now, Duration furthest) {
        if (text == null) {
            return null;
        }
        Instant at = parse(text.strip(), now);
        if (at.isAfter(now.plus(furthest))) {
            throw RefusedException.invalid("scheduled_at", "may be at most " + furthest.toDays() + " days ahead");
        }
        return at.isBefore(now) ? now : at;
    }

    private static Instant parse(String text, Instant now) {
        Matcher relative = RELATIVE.matcher(text.toLowerCase(Locale.ROOT));
        if (relative.matches()) {
            String count = relative.group("count");
            long number = count.startsWith("a") ? 1 : Long.parseLong(count);
            return now.plus(unit(relative.group("unit")).multipliedBy(number));
        }
        try {
            return OffsetDateTime.parse(text.replace(' ', 'T')).toInstant().truncatedTo(ChronoUnit.MICROS);
        } catch (DateTimeException e) {
            throw RefusedException.invalid(
                    "scheduled_at", "must be a time such as 2030-01-31T12:00:00Z, or such as in 1 hour");
        }
    }

    private static Duration unit(String unit) {
        return switch (unit) {
            case "second", "sec" -> Duration.ofSeconds(1);
            case "minute", "min" -> Duration.ofMinutes(1);
            case "hour" -> Duration.ofHours(1);
            case "day" -> Duration.ofDays(1);
            default -> Duration.ofDays(7);
        };
    }
}
