package io.pgcaretaker.monitoring.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgcaretaker.monitoring.MonitoringConfig.Compat;
import io.pgcaretaker.monitoring.collect.Probe;
import io.pgcaretaker.sample.SampleApplication;
import io.pgcaretaker.testing.FreePort;
import io.pgcaretaker.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Names, labels, types and values against Debian's postgres_exporter on the same database. Skipped where it is not
 * installed ({@code apt-get install prometheus-postgres-exporter}). {@code CARETAKER_CONTRACT_DATABASE_URL} runs it on
 * a server of another version.
 */
class ExporterContractDbTest {

    private static final Path EXPORTER = Path.of("/usr/bin/prometheus-postgres-exporter");
    private static final Path EXTRA_QUERIES =
            Path.of("/usr/share/doc/prometheus-postgres-exporter/examples/queries.yaml");

    /** Of the exporter's own process, and what its example file calls otherwise than today's exporter does. */
    private static final Set<String> OTHERS = Set.of(
            "pg_exporter_user_queries_load_error", "postgres_exporter_build_info", "process_virtual_memory_max_bytes");

    /** What moves while the two look one after the other: compared by name, labels and type only. */
    private static final Set<String> MOVING = Set.of(
            "pg_exporter_last_scrape_duration_seconds",
            "pg_exporter_last_scrape_error",
            "pg_exporter_scrapes_total",
            "pg_stat_archiver_last_archive_age",
            "pg_stat_database_numbackends",
            "pg_locks_count",
            "pg_stat_user_tables_n_mod_since_analyze",
            // Each client sets its own.
            "pg_settings_extra_float_digits");

    @TempDir
    Path folder;

    @Test
    void isADropInForDebiansExporter() throws Exception {
        assumeTrue(Files.isExecutable(EXPORTER), "prometheus-postgres-exporter is not installed");
        String url = databaseUrl();

        Samples theirs = Samples.parse(scrape(url), "server");
        Samples ours = ours(url);

        List<String> faults = new ArrayList<>();
        theirs.types().forEach((family, type) -> {
            if (isCompared(family)
                    && theirs.hasNumbers(family)
                    && !type.equals(ours.types().get(family))) {
                faults.add(family + " is " + type + ", ours " + ours.types().get(family));
            }
        });
        theirs.values().forEach((series, value) -> compare(series, value, ours, faults));
        assertThat(faults).isEmpty();
        assertThat(theirs.values()).hasSizeGreaterThan(300);
    }

    private static void compare(String series, double theirs, Samples ours, List<String> faults) {
        String family = Samples.family(series);
        if (!isCompared(family) || Double.isNaN(theirs)) {
            return;
        }
        Double value = family.startsWith("pg_stat_activity_")
                // Ours has the labels that were added since; summed up over those it is the same.
                ? Double.valueOf(ours.sum(family, series.substring(family.length() + 1, series.length() - 1)))
                : ours.values().get(series);
        if (value == null) {
            faults.add(series + " is missing");
        } else if (!isMoving(family) && !agrees(theirs, value, ours.types().get(family))) {
            faults.add(series + " is " + theirs + ", ours " + value);
        }
    }

    /** Ours looked a moment later: a counter may have gone on. */
    private static boolean agrees(double theirs, double ours, String type) {
        boolean same = Math.abs(theirs - ours) <= 1e-6 * Math.max(1, Math.abs(theirs));
        return same || (!"gauge".equals(type) && ours > theirs) || (Math.abs(theirs - ours) < 2 && theirs > 1e9);
    }

    private static boolean isMoving(String family) {
        return MOVING.contains(family)
                || family.startsWith("pg_stat_activity_")
                || family.startsWith("pg_scrape_")
                || family.equals("pg_database_size_bytes")
                || family.startsWith("process_");
    }

    private static boolean isCompared(String family) {
        return !family.startsWith("go_")
                && !family.startsWith("promhttp_")
                && !family.startsWith("pg_scrape_")
                && !family.startsWith("pg_stat_statements_")
                // Today's exporter has a label more, and who is idle differs from look to look.
                && !family.startsWith("pg_process_idle_")
                && !OTHERS.contains(family);
    }

    private static String databaseUrl() throws Exception {
        String given = System.getenv("CARETAKER_CONTRACT_DATABASE_URL");
        if (given != null) {
            return given;
        }
        TestDatabase database = TestDatabase.createMigrated();
        database.execute("create extension pg_stat_statements");
        try (Connection connection = database.connect()) {
            SampleApplication.load(connection);
        }
        database.execute("vacuum analyze");
        return database.url();
    }

    private static Samples ours(String url) {
        try (Probe probe = new Probe(url, Clock.systemUTC(), Duration.ofSeconds(10), 200)) {
            probe.all();
            return Samples.parse(probe.exposition(Compat.LEGACY), "server");
        }
    }

    private String scrape(String url) throws Exception {
        int port = FreePort.find();
        List<String> command = new ArrayList<>(List.of(EXPORTER.toString(), "--web.listen-address=127.0.0.1:" + port));
        if (Files.isReadable(EXTRA_QUERIES)) {
            command.add("--extend.query-path=" + EXTRA_QUERIES);
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(folder.resolve("exporter.log").toFile());
        builder.environment().putAll(Map.of("DATA_SOURCE_NAME", url + "?sslmode=disable"));
        Process exporter = builder.start();
        try {
            HttpClient http = HttpClient.newHttpClient();
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                    .build();
            return await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(
                            () -> http.send(request, HttpResponse.BodyHandlers.ofString())
                                    .body(),
                            text -> text.contains("pg_up 1"));
        } finally {
            exporter.destroy();
        }
    }
}
