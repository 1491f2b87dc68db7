package io.pgcaretaker.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.schema.Migrate;
import io.pgcaretaker.testing.ServerDirectory;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
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

    @BeforeEach
    void start() throws IOException {
        neighbours = new Neighbourhood();
    }

    @AfterEach
    void stop() {
        neighbours.close();
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
                TestKeys.SENDER,
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

    @Test
    void outageShowsInHealthAndIsWrittenWhenTheDatabaseIsBack() throws Exception {
        try (Server server = new Server()) {
            server.start();
            Migrate.migrate(DatabaseUrl.parse(server.url()));
            outage(server);
        }
    }

    private void outage(Server server) throws IOException {
        try (Service service = service(server.url(), neighbours.url())) {
            untilHealth(service, 200, START);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> service.managementBody("/probe?target=other").contains("\npg_up 1\n"));
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(service.json("/api/monitoring/database/growth")
                                    .path("database"))
                            .as("history begins with the service")
                            .isNotEmpty());
            assertThat(service.managementBody("/probe?target=gone"))
                    .contains("caretaker_target_state{state=\"down\"} 1", "\npg_up 0\n")
                    .doesNotContain("127.0.0.1");

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
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                JsonNode incidents =
                        service.json("/api/monitoring/incidents?state=resolved").path("items");
                assertThat(StreamSupport.stream(incidents.spliterator(), false)
                                .filter(incident ->
                                        incident.path("rule").asText().equals("database-down")))
                        .hasSize(1);
            });
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(neighbours.mails().values().stream()
                                    .filter(mail -> mail.at("/template/variables/rule")
                                            .asText()
                                            .equals("database-down"))
                                    .map(mail ->
                                            mail.at("/template/variables/state").asText()))
                            .containsExactlyInAnyOrder("firing", "resolved"));
            assertThat(service.isAlive()).isTrue();
        }
    }

    @Test
    void startsWithoutADatabaseFindsItWhenItComesAndTellsOfAServiceThatDoesNotAnswer() throws Exception {
        String nobody = "http://127.0.0.1:" + Service.freePort();
        try (Server server = new Server()) {
            server.start();
            Migrate.migrate(DatabaseUrl.parse(server.url()));
            server.stop();
            try (Service service = service(server.url(), nobody)) {
                untilHealth(service, 503, START);
                assertThat(service.managementStatus("/q/health/ready")).isEqualTo(503);

                server.start();

                untilHealth(service, 207, Duration.ofSeconds(20));
                await().atMost(Duration.ofSeconds(20)).until(() -> service.managementStatus("/q/health/ready") == 200);
                await().atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(neighbours.mails().values())
                                .filteredOn(mail -> mail.at("/template/variables/rule")
                                        .asText()
                                        .equals("service-down"))
                                .singleElement()
                                .satisfies(mail -> assertThat(mail.toString()).contains("cleanup-service")));
                assertThat(service.json("/api/monitoring/incidents?state=firing")
                                .toString())
                        .contains("service-down", "cleanup-service");
                assertThat(service.status("/")).isEqualTo(200);
            }
        }
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

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isNotZero();
        assertThat(Files.readString(log))
                .contains("not started", file.toString(), sentence)
                .doesNotContain("\tat ");
    }

    private static final String FAILED_AUTHENTICATIONS =
            "insert into caretaker.security_event (occurred_at, event, level, reported_by)"
                    + " select now(), 'authn_login_fail', 'warning', 'test' from generate_series(1, 11)";

    /** The condition is there, nothing is written yet, or is being written. */
    @Test
    void killedBeforeTheIncidentTheNextStartTellsItOnce() throws Exception {
        TestDatabase database = TestDatabase.createMigrated();
        Service killed = service(database.url(), neighbours.url());
        untilHealth(killed, 200, START);
        database.execute(FAILED_AUTHENTICATIONS);
        killed.kill();

        try (Service service = service(database.url(), neighbours.url())) {
            untilHealth(service, 200, START);
            untilTold(database);
        }
        assertToldOnce(database);
    }

    /**
     * Each sees the same database: sums over the replicas count it once, and whether it is up each says for itself. The one
     * that speaks dies when its incident is committed; its mail may be on the way.
     */
    @Test
    void oneReplicaSpeaksForTheDatabaseAndAnotherTakesOverAndTellsItsIncidentOnceWhenItDies() throws Exception {
        TestDatabase database = TestDatabase.createMigrated();
        Service first = service(database.url(), neighbours.url());
        try (Service second = service(database.url(), neighbours.url())) {
            untilHealth(first, 200, START);
            untilHealth(second, 200, START);
            await().atMost(Duration.ofSeconds(60)).until(() -> speaks(first) != speaks(second));

            boolean killsFirst = speaks(first);
            Service killed = killsFirst ? first : second;
            Service other = killsFirst ? second : first;
            assertThat(other.managementBody("/metrics"))
                    .contains("\npg_up 1\n", "\ncaretaker_speaks_for_database 0\n", "caretaker_collector_age_seconds{")
                    .doesNotContain("\npg_stat_database_", "\npg_settings_", "\npg_static");
            database.execute(FAILED_AUTHENTICATIONS);
            await().atMost(Duration.ofSeconds(30))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> database.queryLong("select count(*) from caretaker.incident") == 1);
            killed.kill();

            // Of a lease of 4 s at this pace, and a round.
            await().atMost(Duration.ofSeconds(30)).until(() -> speaks(other));
            assertThat(other.managementBody("/metrics")).contains("\npg_up 1\n", "\ncaretaker_speaks_for_database 1\n");
            untilTold(database);
        } finally {
            first.close();
        }
        assertToldOnce(database);
    }

    private static boolean speaks(Service service) {
        return service.managementBody("/metrics").contains("\npg_stat_database_xact_commit{");
    }

    private static void untilTold(TestDatabase database) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> database.queryLong(
                                "select count(*) from caretaker.monitoring_mail_intent where state = 'accepted'")
                        == 1);
    }

    private void assertToldOnce(TestDatabase database) {
        assertThat(database.queryLong("select count(*) from caretaker.incident where state = 'firing'"
                        + " and rule = 'failed-authentications'"))
                .isOne();
        assertThat(database.queryLong("select count(*) from caretaker.monitoring_mail_intent"))
                .isOne();
        assertThat(neighbours.mails()).hasSize(1);
    }
}
