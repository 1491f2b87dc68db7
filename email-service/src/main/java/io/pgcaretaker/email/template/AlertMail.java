package io.pgcaretaker.email.template;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The variables of the template {@code alert}: a group of Alertmanager's alerts.
 *
 * @param title what the group is about, such as {@code HighLatency cluster=eu}
 * @param severity of the whole group; absent when its alerts differ
 * @param more how many alerts are not shown
 * @param link to Alertmanager
 */
public record AlertMail(
        String title,
        String receiver,
        @Nullable String severity,
        int firingCount,
        int resolvedCount,
        List<Line> firing,
        List<Line> resolved,
        int more,
        @Nullable String link) {

    /**
     * One alert.
     *
     * @param labels those that the group's alerts do not share, such as {@code instance=a, pod=b}
     * @param link to the graph it came from
     */
    public record Line(
            String name,
            @Nullable String summary,
            @Nullable String description,
            String labels,
            @Nullable Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String link) {}

    public AlertMail {
        firing = List.copyOf(firing);
        resolved = List.copyOf(resolved);
    }
}
