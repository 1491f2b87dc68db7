package io.pgcaretaker.monitoring.metrics;

import io.pgcaretaker.monitoring.MonitoringConfig.Compat;
import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.collect.Catalogue;
import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.collect.Family;
import io.pgcaretaker.monitoring.collect.Reading;
import io.pgcaretaker.monitoring.collect.Row;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The database's metrics under the names that postgres_exporter gave them, from memory. */
public final class Exposition {

    private static final String SERVER = "server";

    private final List<Collector> collectors;
    private final String server;
    private final Compat compat;
    private final AtomicLong scrapes = new AtomicLong();
    private final Map<String, Rendered> rendered = new ConcurrentHashMap<>();
    private final MergedText merged = new MergedText();

    /** A reading's samples as text: they change when the collector looks again, not with each scrape. */
    private record Rendered(@Nullable Instant collectedAt, TextFormat text) {}

    /**
     * Of a catalogue.
     *
     * @param server host and port, as the label {@code server} of {@code pg_static} has them
     */
    public Exposition(Catalogue catalogue, String server, Compat compat) {
        this(catalogue.all(), server, compat);
    }

    Exposition(List<Collector> collectors, String server, Compat compat) {
        this.collectors = collectors;
        this.server = server;
        this.compat = compat;
    }

    /** A sample that comes from elsewhere than a collector. */
    public record Extra(String name, Family.Type type, String help, Map<String, String> labels, double value) {

        public static Extra gauge(String name, String help, Map<String, String> labels, double value) {
            return new Extra(name, Family.Type.GAUGE, help, labels, value);
        }

        public static Extra counter(String name, String help, Map<String, String> labels, double value) {
            return new Extra(name, Family.Type.COUNTER, help, labels, value);
        }
    }

    public String text(Situation situation) {
        return new String(bytes(situation, List.of(), true), StandardCharsets.UTF_8);
    }

    /**
     * The text in UTF-8, with what comes from elsewhere.
     *
     * @param awake false for one that sleeps: it is neither up nor down, so {@code pg_up} says nothing
     */
    public byte[] bytes(Situation situation, List<Extra> extras, boolean awake) {
        TextFormat out = new TextFormat();
        if (awake) {
            out.gauge(
                    "pg_up",
                    "Whether the last scrape of metrics from PostgreSQL was able to connect to the server"
                            + " (1 for yes, 0 for no).",
                    situation.isDatabaseUp() ? 1 : 0);
        }
        extras.forEach(extra -> out.sample(extra.name(), extra.type(), extra.help(), extra.labels(), extra.value()));
        identity(out, situation);
        List<TextFormat> shownNow = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Collector collector : collectors) {
            Reading reading = situation.reading(collector.name());
            // Old numbers under a present time would be a lie: a collector that is behind shows nothing but its age.
            boolean shown = reading.outcome() == CollectOutcome.OK && situation.isFresh(collector);
            if (seen.add(collector.name())) {
                CollectorMetrics.write(out, collector, situation);
                if (shown) {
                    shownNow.add(samples(collector, reading));
                }
            }
        }
        scrape(out, situation);
        ProcessMetrics.write(out);
        byte[] own = out.text().getBytes(StandardCharsets.UTF_8);
        // What is said above has other names, so no family is in both.
        byte[] database = merged.of(shownNow);
        byte[] all = Arrays.copyOf(own, own.length + database.length);
        System.arraycopy(database, 0, all, own.length, database.length);
        return all;
    }

    private TextFormat samples(Collector collector, Reading reading) {
        Rendered known = rendered.get(collector.name());
        if (known == null || !Objects.equals(known.collectedAt(), reading.collectedAt())) {
            TextFormat text = new TextFormat();
            collector.families().forEach(family -> write(text, family, reading));
            known = new Rendered(reading.collectedAt(), text);
            rendered.put(collector.name(), known);
        }
        return known.text();
    }

    private void identity(TextFormat out, Situation situation) {
        Row row = situation.reading(SERVER).rows().single();
        if (row.has("version")) {
            Map<String, String> labels = new LinkedHashMap<>();
            labels.put(SERVER, server);
            labels.put("short_version", shortVersion(row.count("version_num")));
            labels.put("version", row.text("full_version"));
            out.sample("pg_static", Family.Type.UNTYPED, "Version string as reported by postgres", labels, 1);
        }
    }

    /** Three numbers, as a semantic version has them. */
    private static String shortVersion(long number) {
        return number / 10_000 + "." + number % 10_000 + ".0";
    }

    private void write(TextFormat out, Family family, Reading reading) {
        for (Row row : reading.rows()) {
            Map<String, String> labels = new LinkedHashMap<>();
            family.labels().forEach(label -> labels.put(label, label.equals(SERVER) ? server : row.text(label)));
            if (family.type() == Family.Type.HISTOGRAM) {
                histogram(out, family, labels, row);
                continue;
            }
            boolean byRow = family.name().equals(Family.BY_ROW);
            String name = byRow ? row.text("metric") : family.name();
            String help = byRow ? row.text("help") : family.help();
            double value = row.number(family.column());
            out.sample(name, family.type(), help, labels, value);
            if (compat == Compat.LEGACY) {
                LegacyNames.of(name).ifPresent(old -> out.sample(old, family.type(), help, labels, value));
            }
        }
    }

    private static void histogram(TextFormat out, Family family, Map<String, String> labels, Row row) {
        Map<String, String> withBound = new LinkedHashMap<>(labels);
        withBound.put("le", row.text("le"));
        out.part(family.name(), "_bucket", family.type(), family.help(), withBound, row.number("bucket"));
        out.part(family.name(), "_sum", family.type(), family.help(), labels, row.number("sum"));
        out.part(family.name(), "_count", family.type(), family.help(), labels, row.number("count"));
    }

    private void scrape(TextFormat out, Situation situation) {
        double seconds = situation.readings().each().stream()
                .mapToDouble(reading -> reading.took().toNanos() / 1e9)
                .sum();
        boolean error = situation.readings().each().stream()
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
        out.sample(
                "pg_exporter_scrapes_total",
                Family.Type.COUNTER,
                "Total number of times PostgreSQL was scraped for metrics.",
                Map.of(),
                (double) scrapes.incrementAndGet());
    }
}
