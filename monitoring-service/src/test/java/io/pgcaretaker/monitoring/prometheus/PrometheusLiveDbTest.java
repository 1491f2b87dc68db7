package io.pgcaretaker.monitoring.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.pgcaretaker.monitoring.MonitoringConfig.Compat;
import io.pgcaretaker.monitoring.collect.Probe;
import io.pgcaretaker.testing.FreePort;
import io.pgcaretaker.testing.ServerDirectory;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus scrapes what we expose of a real PostgreSQL: faults make their alerts fire, and every panel of the
 * dashboards has data. Skipped where Prometheus is not installed ({@code apt-get install prometheus}).
 */
class PrometheusLiveDbTest {

    private static final Path PROMETHEUS = Path.of("/usr/bin/prometheus");
    private static final Path FOLDER = Path.of("..", "k8s", "components", "prometheus");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<AutoCloseable> open = new ArrayList<>();
    private int port;
    private EmbeddedPostgres server;

    @AfterEach
    void stop() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private Connection client() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + server.getPort() + "/postgres", "postgres", "postgres");
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = client();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** A server on which things go wrong at once. */
    private void startDatabase() throws IOException {
        server = EmbeddedPostgres.builder()
                .setDataDirectory(ServerDirectory.create())
                .setServerConfig("max_connections", "30")
                .setServerConfig("superuser_reserved_connections", "3")
                .setServerConfig("shared_preload_libraries", "pg_stat_statements")
                .setServerConfig("archive_mode", "on")
                .setServerConfig("archive_command", "false")
                .setServerConfig("deadlock_timeout", "10ms")
                .setServerConfig("wal_level", "replica")
                .start();
        open.add(server);
    }

    /** Looks anew at every scrape, so that a fault shows at once. */
    private int startTarget() throws IOException {
        Probe probe = new Probe(
                "postgresql://postgres:postgres@localhost:" + server.getPort() + "/postgres",
                Clock.systemUTC(),
                Duration.ofSeconds(4));
        open.add(probe);
        HttpServer target =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePort.find()), 0);
        target.createContext("/metrics", exchange -> {
            probe.all();
            byte[] body = probe.exposition(Compat.NONE).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        target.start();
        open.add(() -> target.stop(0));
        return target.getAddress().getPort();
    }

    /** The rules as they are shipped but for how long each must last. */
    private void startPrometheus(int target) throws IOException {
        String rules = Files.readString(FOLDER.resolve("rules/caretaker.yaml"))
                .replaceAll("for: \\w+", "for: 0s")
                .replace("interval: 30s", "interval: 1s");
        Files.writeString(folder.resolve("rules.yaml"), rules);
        Files.writeString(folder.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
                rule_files: [rules.yaml]
                scrape_configs:
                  - job_name: caretaker-database
                    static_configs:
                      - targets: ['127.0.0.1:%d']
                """.formatted(target));
        port = FreePort.find();
        Process prometheus = new ProcessBuilder(
                        PROMETHEUS.toString(),
                        "--config.file=" + folder.resolve("prometheus.yml"),
                        "--storage.tsdb.path=" + folder.resolve("tsdb"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        open.add(() -> prometheus.destroyForcibly().waitFor());
        await().atMost(Duration.ofSeconds(30)).until(() -> !query("pg_up == 1").isEmpty());
    }

    private JsonNode query(String expression) {
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/query?query="
                                    + URLEncoder.encode(expression, StandardCharsets.UTF_8)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            JsonNode body = JSON.readTree(answer.body());
            assertThat(body.path("status").asText()).as(expression + " " + body).isEqualTo("success");
            return body.at("/data/result");
        } catch (IOException e) {
            return JSON.createArrayNode();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Set<String> firing() {
        return StreamSupport.stream(query("ALERTS{alertstate=\"firing\"}").spliterator(), false)
                .map(alert -> alert.at("/metric/alertname").asText())
                .collect(Collectors.toSet());
    }

    private void untilFiring(String... alerts) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(firing()).containsAll(Arrays.asList(alerts)));
    }

    /** Two transactions that take the same two locks crosswise. */
    private void deadlock() throws Exception {
        CountDownLatch bothHoldOne = new CountDownLatch(2);
        List<CompletableFuture<Void>> both = new ArrayList<>();
        for (String order : List.of("1,2", "2,1")) {
            both.add(CompletableFuture.runAsync(() -> {
                try (Connection connection = client();
                        Statement statement = connection.createStatement()) {
                    connection.setAutoCommit(false);
                    statement.execute("select pg_advisory_xact_lock(" + order.charAt(0) + ")");
                    bothHoldOne.countDown();
                    bothHoldOne.await();
                    statement.execute("select pg_advisory_xact_lock(" + order.charAt(2) + ")");
                } catch (SQLException e) {
                    assertThat(e.getSQLState()).isEqualTo("40P01");
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        for (CompletableFuture<Void> one : both) {
            one.get();
        }
    }

    /** With a session that idles, as there always is one beside an application. */
    private void everyPanelHasData() throws Exception {
        try (Connection idle = client()) {
            assertThat(idle.isValid(1)).isTrue();
            for (String dashboard : List.of("database.json", "caretaker.json")) {
                JsonNode panels = JSON.readTree(
                                FOLDER.resolve("dashboards").resolve(dashboard).toFile())
                        .path("panels");
                for (JsonNode target : panels.findValues("expr")) {
                    String expression = target.asText().replace("$instance", ".*");
                    await().atMost(Duration.ofSeconds(30))
                            .untilAsserted(() ->
                                    assertThat(query(expression)).as(expression).isNotEmpty());
                }
            }
        }
    }

    @Test
    void faultsMakeTheirAlertsFireAndEveryPanelHasData() throws Exception {
        assumeTrue(Files.isExecutable(PROMETHEUS), "prometheus is not installed");
        startDatabase();
        execute(
                "create extension pg_stat_statements",
                "create table shelf (id int primary key, number int) with (autovacuum_enabled = off)",
                "insert into shelf select i, i % 5 from generate_series(1, 20000) i",
                "analyze");
        startPrometheus(startTarget());
        untilFiring("CaretakerDatabaseRestarted");
        assertThat(firing()).doesNotContain("CaretakerDatabaseDown", "CaretakerDeadlocks", "CaretakerCollectorFailing");

        execute("update shelf set number = number + 1", "select pg_create_physical_replication_slot('gone', true)");
        try (Connection connection = client();
                Statement statement = connection.createStatement()) {
            statement.execute("create unique index concurrently shelf_once on shelf (number)");
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("23505");
        }
        for (int i = 0; i < 8; i++) {
            deadlock();
        }
        try (Connection connection = client();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < 400; i++) {
                statement.execute("select 1");
                connection.rollback();
            }
        }
        execute("select pg_switch_wal()");
        untilFiring(
                "CaretakerReplicationSlotInactive",
                "CaretakerInvalidIndex",
                "CaretakerDeadlocks",
                "CaretakerTooManyDeadTuples",
                "CaretakerArchiverFailing",
                "CaretakerRollbacks");

        everyPanelHasData();

        List<Connection> many = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            many.add(client());
        }
        try (Statement statement = many.get(0).createStatement()) {
            many.get(0).setAutoCommit(false);
            statement.execute("do $$ begin for i in 1..450 loop execute format('create table held%s (id int)', i);"
                    + " end loop; end $$");
            untilFiring("CaretakerTooManyConnections", "CaretakerTooManyLocks");
        }
        for (Connection connection : many) {
            connection.close();
        }

        try {
            server.close();
        } catch (UncheckedIOException e) {
            assertThat(e).hasNoCause();
        }
        untilFiring("CaretakerDatabaseDown");
    }
}
