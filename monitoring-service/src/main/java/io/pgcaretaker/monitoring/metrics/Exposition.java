package io.pgcaretaker.monitoring.metrics;

import io.pgcaretaker.monitoring.MonitoringConfig.Compat;
import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.collect.Catalogue;
import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.collect.Cost;
import io.pgcaretaker.monitoring.collect.Family;
import io.pgcaretaker.monitoring.collect.Reading;
import io.pgcaretaker.monitoring.collect.Row;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The database's metrics under the names that postgres_exporter gave them, from memory. */
public final class Exposition {

    private static final String SERVER = "server";

    /** One of each name: those that speak to different servers have the same metrics. */
    private final List<Collector> collectors;

    private final String server;
    private final Compat compat;
    private final boolean keepsText;
    private final AtomicLong scrapes = new AtomicLong();
    private final Map<String, Rendered<Instant>> samples = new ConcurrentHashMap<>();
    private final Map<String, Rendered<Looks>> looks = new ConcurrentHashMap<>();
    private final MergedText merged = new MergedText();

    /** Something as text: it changes when the collector looks again, not with each scrape. */
    private record Rendered<T>(T of, RenderedText text) {}

    /** What a collector says of itself. */
    record Looks(CollectOutcome outcome, Duration took, Cost cost, boolean degraded) {

        private static Looks of(Collector collector, Reading reading, Situation situation) {
            return new Looks(
                    reading.outcome(),
                    reading.took(),
                    situation.readings().cost(collector.name()),
                    collector.isDegraded());
        }
    }

    /**
     * In UTF-8, in two, so that the large one, which scrapes share, is copied by none.
     *
     * @param own what is new with each scrape
     * @param database what was seen; not to be changed
     */
    public record Body(Buffer own, Buffer database) {

        @Override
        public String toString() {
            return own.toString() + database;
        }
    }

    /**
     * Of a catalogue.
     *
     * @param server host and port, as the label {@code server} of {@code pg_static} has them
     */
    public Exposition(Catalogue catalogue, String server, Compat compat) {
        this(catalogue.all(), server, compat);
    }

    Exposition(List<Collector> collectors, String server, Compat compat) {
        this(collectors, server, compat, true);
    }

    private Exposition(List<Collector> collectors, String server, Compat compat, boolean keepsText) {
        Map<String, Collector> byName = new LinkedHashMap<>();
        collectors.forEach(collector -> byName.putIfAbsent(collector.name(), collector));
        this.collectors = List.copyOf(byName.values());
        this.server = server;
        this.compat = compat;
        this.keepsText = keepsText;
    }

    /**
     * Of one of many databases: its text is made for each scrape and not kept. On one server each tells of all its
     * databases, so that a hundred have 1.3 MB of text each, and it is asked for no more often than it changes.
     */
    public static Exposition ofOneOfMany(Catalogue catalogue, String server, Compat compat) {
        return new Exposition(catalogue.all(), server, compat, false);
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
        return body(situation, List.of(), true).toString();
    }

    /**
     * With what comes from elsewhere.
     *
     * @param awake false for one that sleeps: it is neither up nor down, so {@code pg_up} says nothing
     */
    public Body body(Situation situation, List<Extra> extras, boolean awake) {
        return body(situation, extras, awake, false);
    }

    /**
     * The same of one of several replicas.
     *
     * @param silent true where another speaks for the database: then without what was seen, but for whether it is up
     */
    Body body(Situation situation, List<Extra> extras, boolean awake, boolean silent) {
        TextFormat out = new TextFormat();
        if (awake) {
            out.gauge(
                    "pg_up",
                    "Whether the last scrape of metrics from PostgreSQL was able to connect to the server"
                            + " (1 for yes, 0 for no).",
                    situation.isDatabaseUp() ? 1 : 0);
        }
        extras.forEach(extra -> out.sample(extra.name(), extra.type(), extra.help(), extra.labels(), extra.value()));
        if (!silent) {
            identity(out, situation);
        }
        collectors.forEach(collector -> CollectorMetrics.age(out, collector, situation));
        scrape(out, situation);
        ProcessMetrics.write(out);
        // What is said above has other names, so no family is in both.
        return new Body(out.buffer(), seen(situation, silent));
    }

    /** Makes ready what has changed, so that a scrape need not: for who has just looked. */
    void prepare(Situation situation, boolean silent) {
        seen(situation, silent);
    }

    private Buffer seen(Situation situation, boolean silent) {
        return keepsText ? kept(situation, silent) : made(situation, silent);
    }

    private Buffer made(Situation situation, boolean silent) {
        TextFormat text = new TextFormat();
        for (Collector collector : collectors) {
            Reading reading = situation.reading(collector.name());
            CollectorMetrics.looks(text, collector.name(), Looks.of(collector, reading, situation));
            if (!silent && shows(collector, reading, situation)) {
                collector.families().forEach(family -> write(text, family, reading));
            }
        }
        return text.buffer();
    }

    private Buffer kept(Situation situation, boolean silent) {
        List<RenderedText> parts = new ArrayList<>();
        for (Collector collector : collectors) {
            Reading reading = situation.reading(collector.name());
            parts.add(looks(collector, reading, situation));
            Instant at = reading.collectedAt();
            if (!silent && at != null && shows(collector, reading, situation)) {
                parts.add(samples(collector, reading, at));
            }
        }
        return merged.of(parts);
    }

    /** Old numbers under a present time would be a lie: a collector that is behind shows nothing but its age. */
    private static boolean shows(Collector collector, Reading reading, Situation situation) {
        return reading.outcome() == CollectOutcome.OK && situation.isFresh(collector);
    }

    private RenderedText looks(Collector collector, Reading reading, Situation situation) {
        Looks now = Looks.of(collector, reading, situation);
        Rendered<Looks> known = looks.get(collector.name());
        if (known == null || !known.of().equals(now)) {
            TextFormat text = new TextFormat();
            CollectorMetrics.looks(text, collector.name(), now);
            known = new Rendered<>(now, new RenderedText(text));
            looks.put(collector.name(), known);
        }
        return known.text();
    }

    private RenderedText samples(Collector collector, Reading reading, Instant at) {
        Rendered<Instant> known = samples.get(collector.name());
        if (known == null || !known.of().equals(at)) {
            TextFormat text = new TextFormat();
            collector.families().forEach(family -> write(text, family, reading));
            known = new Rendered<>(at, new RenderedText(text));
            samples.put(collector.name(), known);
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
