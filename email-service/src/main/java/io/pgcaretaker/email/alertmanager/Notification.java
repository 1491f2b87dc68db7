package io.pgcaretaker.email.alertmanager;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One post of Alertmanager's webhook, version 4: a group of alerts and how each of them stands.
 *
 * @param groupKey the same for every post about this group
 * @param reason why Alertmanager writes (since 0.28), such as {@code repeat interval elapsed}; absent in older ones
 * @param truncated how many alerts Alertmanager left out
 * @param link to Alertmanager itself; absent when it is no web address
 */
record Notification(
        String receiver,
        String groupKey,
        @Nullable String reason,
        int truncated,
        Map<String, String> groupLabels,
        Map<String, String> commonLabels,
        Map<String, String> commonAnnotations,
        @Nullable String link,
        List<Alert> alerts) {

    /**
     * One alert.
     *
     * @param fingerprint of its labels
     * @param startsAt as it came: part of what recognises a repetition
     * @param endsAt as it came
     */
    record Alert(
            boolean firing,
            String fingerprint,
            Map<String, String> labels,
            Map<String, String> annotations,
            String startsAt,
            String endsAt,
            @Nullable String source) {

        /** Absent where Alertmanager has none: a firing alert ends in the year 1. */
        static @Nullable Instant time(String text) {
            try {
                Instant at = java.time.OffsetDateTime.parse(text).toInstant();
                return at.isBefore(Instant.EPOCH) ? null : at;
            } catch (java.time.DateTimeException e) {
                return null;
            }
        }
    }

    Notification {
        groupLabels = Map.copyOf(groupLabels);
        commonLabels = Map.copyOf(commonLabels);
        commonAnnotations = Map.copyOf(commonAnnotations);
        alerts = List.copyOf(alerts);
    }
}
