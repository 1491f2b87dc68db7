package io.pgcaretaker.monitoring.console;

import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.pgcaretaker.monitoring.collect.Reading;
import io.pgcaretaker.monitoring.collect.Row;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rows of a collector as they are, with how old they are and why there are none. */
final class ConsoleParts {

    /**
     * One part of an answer.
     *
     * @param status {@code ok}, {@code stale}, {@code skipped} (the note names the grant), {@code pending} or {@code failed}
     * @param ageSeconds of the rows; absent when there never were any
     */
    public record Part(
            String status,
            @Nullable Double ageSeconds,
            @Nullable String note,
            long total,
            List<Map<String, @Nullable Object>> rows) {}

    private final Situation situation;

    ConsoleParts(Situation situation) {
        this.situation = situation;
    }

    Part of(String collector) {
        return of(collector, situation.reading(collector).rows().list());
    }

    /** One page, sorted by a column, the largest first. */
    Part page(String collector, @Nullable String sort, int page, int size) {
        List<Row> rows = situation.reading(collector).rows().list();
        if (sort != null) {
            rows = rows.stream().sorted(by(sort).reversed()).toList();
        }
        List<Row> some = rows.stream().skip((long) page * size).limit(size).toList();
        Part part = of(collector, some);
        return new Part(part.status(), part.ageSeconds(), part.note(), rows.size(), part.rows());
    }

    private static Comparator<Row> by(String column) {
        return Comparator.comparingDouble(row -> {
            double value = row.number(column);
            return Double.isNaN(value) ? Double.NEGATIVE_INFINITY : value;
        });
    }

    private Part of(String collector, List<Row> rows) {
        Reading reading = situation.reading(collector);
        boolean isFresh = situation.isFresh(collector);
        return new Part(
                status(reading, isFresh),
                reading.ageSeconds(situation.now()),
                note(reading, isFresh),
                rows.size(),
                rows.stream().map(Row::columns).toList());
    }

    private static String status(Reading reading, boolean isFresh) {
        if (reading.outcome() == CollectOutcome.OK && isFresh) {
            return "ok";
        }
        return switch (reading.outcome()) {
            case SKIPPED -> "skipped";
            case PENDING -> "pending";
            default -> reading.collectedAt() == null ? "failed" : "stale";
        };
    }

    private static @Nullable String note(Reading reading, boolean isFresh) {
        if (reading.outcome() == CollectOutcome.OK) {
            return isFresh ? null : "the last look is too old";
        }
        return Objects.requireNonNullElse(reading.reason(), reading.outcome().word());
    }
}
