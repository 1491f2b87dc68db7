package io.pgcaretaker.monitoring.metrics;

import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.pgcaretaker.monitoring.collect.Reading;
import io.pgcaretaker.monitoring.metrics.MetricsReport.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Says of a part of the report how whole and how old it is. */
final class Parts {

    private final Situation situation;

    Parts(Situation situation) {
        this.situation = situation;
    }

    /** The data are asked for only when one of the collectors behind them has seen something. */
    <T> Part<T> of(Predicate<String> isFresh, Supplier<T> data, String... collectors) {
        List<String> notes = new ArrayList<>();
        List<Double> ages = new ArrayList<>();
        int fresh = 0;
        boolean skipped = true;
        for (String name : collectors) {
            Reading reading = situation.reading(name);
            Double age = reading.ageSeconds(situation.now());
            if (age != null) {
                ages.add(age);
            }
            if (reading.outcome() == CollectOutcome.OK && isFresh.test(name)) {
                fresh++;
            } else {
                notes.add(note(name, reading));
            }
            skipped &= reading.outcome() == CollectOutcome.SKIPPED;
        }
        String status = status(fresh, collectors.length, skipped, !ages.isEmpty());
        return new Part<>(status, oldest(ages), notes, ages.isEmpty() ? null : data.get());
    }

    private static String note(String name, Reading reading) {
        return name + " " + reading.outcome().word() + ": "
                + Objects.requireNonNullElse(reading.reason(), "the last look is too old");
    }

    private static String status(int fresh, int all, boolean skipped, boolean hasData) {
        if (fresh == all) {
            return "ok";
        }
        if (fresh > 0) {
            return "partial";
        }
        if (skipped) {
            return "skipped";
        }
        return hasData ? "stale" : "failed";
    }

    private static @Nullable Double oldest(List<Double> ages) {
        return ages.stream().max(Double::compare).orElse(null);
    }
}
