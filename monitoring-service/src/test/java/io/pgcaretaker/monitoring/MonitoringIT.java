package io.pgcaretaker.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.schema.Migrate;
import io.pgcaretaker.testing.ServerDirectory;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packaged service beside a PostgreSQL that comes and goes. */
@Execution(ExecutionMode.CONCURRENT)
class MonitoringIT {

    private static final Duration START = Duration.ofSeconds(90);

    @TempDir(factory = ServerDirectory.Factory.class)
    Path folder;

    private Neighbourhood neighbours;
    private @Nullable Neighbourhood cleanup;

    @BeforeEach
    void start() throws IOException {
        neighbours = new Neighbourhood(0);
    }

    @AfterEach
    void stop() {
        neighbours.close();
        if (cleanup != null) {
            cleanup.close();
        }
    }

    /** A server of one test's own, which it stops and starts again with the data it had. */
    private final class Server implements AutoCloseable {
        final int port = Service.freePort();
        private @Nullable EmbeddedPostgres running;

        void start() throws IOException {
            running = EmbeddedPostgres.builder()
                    .setPort(port)
                    .setDataDirectory(folder.resolve("data"))
                    .setCleanDataDirectory(false)
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .start();
        }

        String url() {
            return "postgresql://postgres:geheim@localhost:" + port + "/postgres";
        }

        @Override
        public void close() throws IOException {
            stop();
        }

        void stop() throws IOException {
            if (running != null) {
                running.close();
                running = null;
            }
        }
    }

    private Service service(String databaseUrl, String cleanupUrl) throws IOException {
        return Service.start(Map.of(
                "DATABASE_URL",
                databaseUrl,
                "CARETAKER_API_KEYS",
                TestKeys.CONFIGURATION,
                "CARETAKER_SERVICE_KEY",
                // As a Secret made of a file has it: a header with a line break in it would be none.
                TestKeys.SENDER + "\n",
                "ALERT_EMAIL",
                "operator@example.com",
                "CLEANUP_URL",
                cleanupUrl,
                "EMAIL_URL",
                neighbours.url()));
    }

    private static void untilHealth(Service service, int status, Duration within) {
        await().atMost(within)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() ->
                        assertThat(service.status("/api/monitoring/health")).isEqualTo(status));
    }

    /** Started without a database and with a neighbour that does not answer; then both come, and the database goes again. */
    @Test
    void findsWhatComesAndTellsWhatGoes() throws Exception {
        int port = Service.freePort();
        try (Server server = new Server()) {
            server.start();
            Migrate.migrate(DatabaseUrl.parse(server.url()));
            server.stop();
            try (Service service = service(server.url(), "http://127.0.0.1:" + port)) {
                untilHealth(service, 503, START);
                assertThat(service.managementStatus("/q/health/ready")).isEqualTo(503);
                server.start();
                untilHealth(service, 207, Duration.ofSeconds(20));
                await().atMost(Duration.ofSeconds(20)).until(() -> service.managementStatus("/q/health/ready") == 200);
                serviceThatDoesNotAnswer(service, port);
                outage(server, service);
            }
        }
    }

    private void serviceThatDoesNotAnswer(Service service, int port) throws IOException {
        untilStatesOf("service-down", List.of("firing"));
        assertThat(neighbours.mails().toString()).contains("cleanup-service");
        assertThat(service.json("/api/monitoring/incidents?state=firing").toString())
                .contains("service-down", "cleanup-service");
        assertThat(service.json("/api/monitoring/services")
                        .at("/services/0/name")
                        .asText())
                .isEqualTo("cleanup-service");
        assertThat(service.json("/api/monitoring/services")
                        .at("/services/0/error")
                        .asText())
                .isNotEmpty();
        assertThat(service.json("/api/monitoring/services")
                        .at("/services/1/status/service")
                        .asText())
                .isEqualTo("email-service");
        assertThat(service.status("/")).isEqualTo(200);

        cleanup = new Neighbourhood(port);
        untilHealth(service, 200, Duration.ofSeconds(20));
        untilStatesOf("service-down", List.of("firing", "resolved"));
    }

    private void untilStatesOf(String rule, List<String> states) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(statesOf(rule)).containsExactlyInAnyOrderElementsOf(states));
    }

    /** Of the mails about a rule, in no order. */
    private List<String> statesOf(String rule) {
        return neighbours.mails().values().stream()
                .filter(mail -> mail.at("/template/variables/rule").asText().equals(rule))
                .map(mail -> mail.at("/template/variables/state").asText())
                .toList();
    }

    private void outage(Server server, Service service) throws IOException {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> service.managementBody("/probe?target=other").contains("\npg_up 1\n"));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(
                                service.json("/api/monitoring/database/growth").path("database"))
                        .as("history begins when there is a database")
                        .isNotEmpty());
        assertThat(service.managementBody("/probe?target=gone"))
                .contains("caretaker_target_state{state=\"down\"} 1", "\npg_up 0\n")
                .doesNotContain("127.0.0.1");

        List<String> told = statesOf("database-down");
        server.stop();
        untilHealth(service, 503, Duration.ofSeconds(15));
        String answer = service.body("/api/monitoring/health");
        assertThat(answer)
                .contains("\"unhealthy\"")
                .doesNotContain("localhost", "127.0.0.1", "postgres", "geheim", String.valueOf(server.port));
        assertThat(service.status("/api/monitoring/metrics")).isEqualTo(200);
        assertThat(service.status("/api/monitoring/incidents")).isEqualTo(503);
        assertThat(service.managementStatus("/q/health/live")).isEqualTo(200);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> service.managementBody("/metrics").contains("\npg_up 0\n"));
        await().atMost(Duration.ofSeconds(20))
                .until(() -> service.managementBody("/probe?target=other").contains("\npg_up 0\n"));

        server.start();
        untilHealth(service, 200, Duration.ofSeconds(20));
        untilStatesOf(
                "database-down",
                Stream.concat(told.stream(), Stream.of("firing", "resolved")).toList());
        assertThat(service.isAlive()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "CARETAKER_MONITORING_CUSTOM_METRICS_FILE, metrics, metric app_orders: type must be gauge or counter",
        "CARETAKER_MONITORING_ALERTS_RULES_FILE, rules, is not a file of rules"
    })
    void aFileThatCannotBeUsedStopsTheStartWithASentence(String setting, String list, String sentence)
            throws Exception {
        Path file = Files.writeString(folder.resolve("file.yaml"), """
                %s:
                  - name: app_orders
                    sql: select 1 as value
                    type: gouge
                """.formatted(list));
        Path log = folder.resolve("log");
        Process process = Service.process(
                Map.of(
                        "DATABASE_URL",
                        TestDatabase.createMigrated().url(),
                        "CARETAKER_API_KEYS",
                        TestKeys.CONFIGURATION,
                        setting,
                        file.toString()),
                log);

        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isNotZero();
        assertThat(Files.readString(log))
                .contains("not started", file.toString(), sentence)
                .doesNotContain("\tat ");
    }

    private static final String FAILED_AUTHENTICATIONS =
            "insert into caretaker.security_event (occurred_at, event, level, reported_by)"
                    + " select now(), 'authn_login_fail', 'warning', 'test' from generate_series(1, 11)";

    /**
     * The first one dies when the condition is there, and nothing is written yet, or is being written. Then there are two,
     * which see the same database: sums over the replicas count it once, and whether it is up each says for itself. The one
     * that speaks dies when its incident is committed; its mail may be on the way.
     */
    @Test
    void whoeverDiesAnotherTellsItsIncidentOnce() throws Exception {
        TestDatabase database = TestDatabase.createMigrated();
        Service before = service(database.url(), neighbours.url());
        untilHealth(before, 200, START);
        database.execute(FAILED_AUTHENTICATIONS);
        before.kill();

        Service first = service(database.url(), neighbours.url());
        try (Service second = service(database.url(), neighbours.url())) {
            untilHealth(first, 200, START);
            untilHealth(second, 200, START);
            await().atMost(Duration.ofSeconds(60)).until(() -> speaks(first) != speaks(second));
            untilTold(database, 1);
            assertThat(firing(database, "failed-authentications")).isOne();

            boolean killsFirst = speaks(first);
            Service killed = killsFirst ? first : second;
            Service other = killsFirst ? second : first;
            assertThat(other.managementBody("/metrics"))
                    .contains("\npg_up 1\n", "\ncaretaker_speaks_for_database 0\n", "caretaker_collector_age_seconds{")
                    .doesNotContain("\npg_stat_database_", "\npg_settings_", "\npg_static");
            try (Connection session = database.connect();
                    Statement slow = session.createStatement()) {
                CompletableFuture<Void> query = CompletableFuture.runAsync(() -> execute(slow, "select pg_sleep(60)"));
                await().atMost(Duration.ofSeconds(30))
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> firing(database, "long-query") == 1);
                killed.kill();

                // Of a lease of 4 s at this pace, and a round.
                await().atMost(Duration.ofSeconds(30)).until(() -> speaks(other));
                assertThat(other.managementBody("/metrics"))
                        .contains("\npg_up 1\n", "\ncaretaker_speaks_for_database 1\n");
                untilTold(database, 2);
                assertThat(firing(database, "long-query")).isOne();
                slow.cancel();
                query.join();
            }
        } finally {
            first.close();
        }
        assertThat(neighbours.mails().values().stream()
                        .filter(mail ->
                                mail.at("/template/variables/state").asText().equals("firing"))
                        .map(mail -> mail.at("/template/variables/rule").asText()))
                .containsExactlyInAnyOrder("failed-authentications", "long-query");
    }

    private static void execute(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as("cancelled").isEqualTo("57014");
        }
    }

    private static boolean speaks(Service service) {
        return service.managementBody("/metrics").contains("\npg_stat_database_xact_commit{");
    }

    private static void untilTold(TestDatabase database, int incidents) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> database.queryLong(
                                "select count(*) from caretaker.monitoring_mail_intent where state = 'accepted'")
                        == incidents);
    }

    private static long firing(TestDatabase database, String rule) {
        return database.queryLong(
                "select count(*) from caretaker.incident where state = 'firing' and rule = '" + rule + "'");
    }
}
