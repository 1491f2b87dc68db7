package io.pgcaretaker.monitoring.metrics;

import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.collect.Cost;
import io.pgcaretaker.monitoring.collect.Family;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What the collectors say of themselves: whether they succeed, how old their data are and what they cost. */
final class CollectorMetrics {

    private static final String COLLECTOR = "collector";
    private static final Set<CollectOutcome> NOTHING_TO_SAY = Set.of(CollectOutcome.SKIPPED, CollectOutcome.PENDING);

    private CollectorMetrics() {}

    /** Grows from scrape to scrape; all else changes with a look. */
    static void age(TextFormat out, Collector collector, Situation situation) {
        Double age = situation.reading(collector.name()).ageSeconds(situation.now());
        Map<String, String> label = Map.of(COLLECTOR, collector.name());
        out.sample(
                "caretaker_collector_age_seconds",
                Family.Type.GAUGE,
                "How old the collector's data is.",
                label,
                age == null ? Double.NaN : age);
        out.sample(
                "caretaker_collector_age_limit_seconds",
                Family.Type.GAUGE,
                "How old the collector's data may become, by its interval, before it is no longer shown.",
                label,
                situation.oldest(collector).toMillis() / 1000.0);
    }

    static void looks(TextFormat out, String collector, Exposition.Looks now) {
        Map<String, String> label = Map.of(COLLECTOR, collector);
        // What is skipped has neither succeeded nor failed: an alert on success == 0 must not ring for a missing
        // extension.
        if (!NOTHING_TO_SAY.contains(now.outcome())) {
            out.sample(
                    "pg_scrape_collector_duration_seconds",
                    Family.Type.GAUGE,
                    "postgres_exporter: Duration of a collector scrape.",
                    label,
                    now.took().toNanos() / 1e9);
            out.sample(
                    "pg_scrape_collector_success",
                    Family.Type.GAUGE,
                    "postgres_exporter: Whether a collector succeeded.",
                    label,
                    now.outcome() == CollectOutcome.OK ? 1 : 0);
        }
        // Labels in the same order in every process.
        Map<String, String> outcome = new LinkedHashMap<>(label);
        outcome.put("outcome", now.outcome().word());
        out.sample(
                "caretaker_collector_outcome",
                Family.Type.GAUGE,
                "How the collector's last attempt ended.",
                outcome,
                1);
        out.sample(
                "caretaker_collector_degraded",
                Family.Type.GAUGE,
                "1 while the collector shows aggregates because the whole costs more than its budget.",
                label,
                now.degraded() ? 1 : 0);
        cost(out, label, now.cost());
    }

    private static void cost(TextFormat out, Map<String, String> label, Cost cost) {
        out.sample(
                "caretaker_collector_looks_total",
                Family.Type.COUNTER,
                "How often the collector asked the database.",
                label,
                (double) cost.looks());
        out.sample(
                "caretaker_collector_database_seconds_total",
                Family.Type.COUNTER,
                "What the collector has cost, in the database and on the way to it.",
                label,
                cost.time().toNanos() / 1e9);
        out.sample(
                "caretaker_collector_rows_total",
                Family.Type.COUNTER,
                "Rows that the collector has read.",
                label,
                (double) cost.rows());
        out.sample(
                "caretaker_collector_bytes_total",
                Family.Type.COUNTER,
                "Bytes of values that the collector has read.",
                label,
                (double) cost.bytes());
    }
}
