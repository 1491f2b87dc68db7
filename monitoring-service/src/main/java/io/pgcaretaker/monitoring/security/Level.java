package io.pgcaretaker.monitoring.security;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import java.util.Optional;

/** How much an event matters. */
public enum Level {
    @JsonProperty("info")
    INFO,
    @JsonProperty("warning")
    WARNING,
    @JsonProperty("critical")
    CRITICAL;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@code INFO}, {@code WARN}, {@code WARNING}, {@code CRITICAL}, {@code ERROR} in any case. */
    static Optional<Level> parse(String text) {
        return switch (text.toUpperCase(Locale.ROOT)) {
            case "INFO", "DEBUG", "LOW" -> Optional.of(INFO);
            case "WARN", "WARNING", "MEDIUM" -> Optional.of(WARNING);
            case "CRITICAL", "ERROR", "FATAL", "HIGH" -> Optional.of(CRITICAL);
            default -> Optional.empty();
        };
    }
}
