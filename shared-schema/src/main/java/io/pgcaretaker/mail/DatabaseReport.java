package io.pgcaretaker.mail;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The variables of the template {@code database-report}: what happened to the database in a time, and what is to do.
 *
 * @param period {@code daily}, {@code weekly} or {@code monthly}
 * @param headline the most important in a few words, for the subject
 */
public record DatabaseReport(String period, Instant from, Instant to, String headline, List<Section> sections) {

    public static final String TEMPLATE = "database-report";

    /**
     * A part under a title of its own.
     *
     * @param nothing what it says when there are no lines
     * @param more how many lines are not shown
     */
    public record Section(String title, List<Line> lines, String nothing, int more) {

        public Section {
            lines = List.copyOf(lines);
        }
    }

    /**
     * One thing.
     *
     * @param detail in smaller print
     */
    public record Line(String what, @Nullable String detail) {}

    public DatabaseReport {
        sections = List.copyOf(sections);
    }
}
