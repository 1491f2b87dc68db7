package io.pgcaretaker.monitoring.metrics;

import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.collect.Catalogue;
import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.collect.Family;
import io.pgcaretaker.monitoring.collect.Reading;
import io.pgcaretaker.monitoring.collect.Row;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The database's metrics under the names that postgres_exporter gave them, from memory. */
final class Exposition {

    private static final String COLLECTOR = "collector";

    private final Catalogue catalogue;
    private final String server;

    /** @param server host and port, as the label {@code server} of {@code pg_static} has them */
    Exposition(Catalogue catalogue, String server) {
        this.catalogue = catalogue;
        this.server = server;
    }

    String text(Situation situation) {
        TextFormat out = new TextFormat();
        out.gauge(
                "pg_up",
                "Whether the last scrape of metrics from PostgreSQL was able to connect to the server (1 for yes, 0 for no).",
                situation.isDatabaseUp() ? 1 : 0);
        identity(out, situation);
        Set<String> seen = new LinkedHashSet<>();
        for (Collector collector : catalogue.all()) {
            Reading reading = situation.reading(collector.name());
            if (seen.add(collector.name())) {
                about(out, collector, reading, situation);
            }
            // Old numbers under a present time would be a lie: a collector that is behind shows nothing but its age.
            if (reading.outcome() == CollectOutcome.OK && situation.isFresh(collector)) {
                collector.families().forEach(family -> write(out, family, reading));
            }
        }
        scrape(out, situation);
        ProcessMetrics.write(out);
        return out.text();
    }

    private void identity(TextFormat out, Situation situation) {
        Row row = situation.reading("server").rows().single();
        if (row.has("version")) {
            Map<String, String> labels = new LinkedHashMap<>();
            labels.put("server", server);
            labels.put("short_version", row.text("version").split(" ", 2)[0]);
            labels.put("version", row.text("full_version"));
            out.sample("pg_static", Family.Type.GAUGE, "Version string as reported by postgres", labels, 1);
        }
    }

    private static void about(TextFormat out, Collector collector, Reading reading, Situation situation) {
        Map<String, String> label = Map.of(COLLECTOR, collector.name());
        out.sample(
                "pg_scrape_collector_duration_seconds",
                Family.Type.GAUGE,
                "postgres_exporter: Duration of a collector scrape.",
                label,
                reading.took().toNanos() / 1e9);
        out.sample(
                "pg_scrape_collector_success",
                Family.Type.GAUGE,
                "postgres_exporter: Whether a collector succeeded.",
                label,
                reading.outcome() == CollectOutcome.OK ? 1 : 0);
        Double age = reading.ageSeconds(situation.now());
        out.sample(
                "caretaker_collector_age_seconds",
                Family.Type.GAUGE,
                "How old the collector's data is.",
                label,
                age == null ? Double.NaN : age);
        out.sample(
                "caretaker_collector_outcome",
                Family.Type.GAUGE,
                "How the collector's last attempt ended.",
                Map.of(COLLECTOR, collector.name(), "outcome", reading.outcome().word()),
                1);
    }

    private static void write(TextFormat out, Family family, Reading reading) {
        for (Row row : reading.rows()) {
            Map<String, String> labels = new LinkedHashMap<>();
            family.labels().forEach(label -> labels.put(label, row.text(label)));
            boolean byRow = family.name().equals(Family.BY_ROW);
            out.sample(
                    byRow ? row.text("metric") : family.name(),
                    family.type(),
                    byRow ? row.text("help") : family.help(),
                    labels,
                    row.number(family.column()));
        }
    }

    private static void scrape(TextFormat out, Situation situation) {
        double seconds = situation.readings().all().values().stream()
                .mapToDouble(reading -> reading.took().toNanos() / 1e9)
                .sum();
        boolean error = situation.readings().all().values().stream()
                .anyMatch(reading ->
                        reading.outcome() != CollectOutcome.OK && reading.outcome() != CollectOutcome.SKIPPED);
        out.gauge(
                "pg_exporter_last_scrape_duration_seconds",
                "Duration of the last scrape of metrics from PostgreSQL.",
                seconds);
        out.gauge(
                "pg_exporter_last_scrape_error",
                "Whether the last scrape of metrics from PostgreSQL resulted in an error (1 for error, 0 for success).",
                error ? 1 : 0);
    }
}
