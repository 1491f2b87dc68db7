package io.pgcaretaker.email.template;

import io.quarkus.qute.TemplateExtension;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How templates write times. */
@TemplateExtension
final class TemplateFormats {

    private static final DateTimeFormatter MINUTES = DateTimeFormatter.ofPattern(
                    "d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private TemplateFormats() {}

    static String utc(Instant at) {
        return MINUTES.format(at);
    }

    /** Such as {@code 2 min 5 s}. */
    static String until(Instant from, Instant to) {
        Duration duration = Duration.between(from, to);
        return duration.toMinutes() == 0
                ? duration.toSeconds() + " s"
                : duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
    }
}
