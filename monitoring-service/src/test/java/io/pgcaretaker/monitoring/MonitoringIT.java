package io.pgcaretaker.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.schema.Migrate;
import io.pgcaretaker.testing.TestKeys;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The packaged service beside a PostgreSQL that comes and goes. */
@Execution(ExecutionMode.CONCURRENT)
class MonitoringIT {

    private static final Duration START = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private int port;
    private EmbeddedPostgres server;
    private Neighbourhood neighbours;

    @BeforeEach
    void start() throws IOException {
        port = Service.freePort();
        startServer();
        Migrate.migrate(DatabaseUrl.parse(url()));
        neighbours = new Neighbourhood();
    }

    @AfterEach
    void stop() throws IOException {
        neighbours.close();
        server.close();
    }

    private void startServer() throws IOException {
        server = EmbeddedPostgres.builder()
                .setPort(port)
                .setDataDirectory(folder.resolve("data"))
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setPGStartupWait(Duration.ofSeconds(60))
                .start();
    }

    private String url() {
        return "postgresql://postgres:geheim@localhost:" + port + "/postgres";
    }

    private Service service() throws IOException {
        return service(neighbours.url());
    }

    private Service service(String cleanupUrl) throws IOException {
        return Service.start(Map.of(
                "DATABASE_URL",
                url(),
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

    private long query(String sql) {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://localhost:" + port + "/postgres", "postgres", "postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void untilHealth(Service service, int status, Duration within) {
        await().atMost(within)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() ->
                        assertThat(service.status("/api/monitoring/health")).isEqualTo(status));
    }

    @Test
    void outageShowsInHealthAndIsWrittenWhenTheDatabaseIsBack() throws Exception {
        try (Service service = service()) {
            untilHealth(service, 200, START);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> service.managementBody("/probe?target=other").contains("\npg_up 1\n"));
            assertThat(service.managementBody("/probe?target=gone"))
                    .contains("caretaker_target_state{state=\"down\"} 1", "\npg_up 0\n")
                    .doesNotContain("127.0.0.1");

            server.close();
            untilHealth(service, 503, Duration.ofSeconds(15));
            String answer = service.body("/api/monitoring/health");
            assertThat(answer)
                    .contains("\"unhealthy\"")
                    .doesNotContain("localhost", "127.0.0.1", "postgres", "geheim", String.valueOf(port));
            assertThat(service.status("/api/monitoring/metrics")).isEqualTo(200);
            assertThat(service.status("/api/monitoring/incidents")).isEqualTo(503);
            assertThat(service.managementStatus("/q/health/live")).isEqualTo(200);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> service.managementBody("/metrics").contains("\npg_up 0\n"));
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> service.managementBody("/probe?target=other").contains("\npg_up 0\n"));

            startServer();
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
    void startsWithoutADatabaseAndFindsItWhenItComes() throws Exception {
        server.close();
        try (Service service = service()) {
            untilHealth(service, 503, START);
            assertThat(service.managementStatus("/q/health/ready")).isEqualTo(503);

            startServer();

            untilHealth(service, 200, Duration.ofSeconds(20));
            await().atMost(Duration.ofSeconds(20)).until(() -> service.managementStatus("/q/health/ready") == 200);
        }
    }

    @Test
    void serviceThatDoesNotAnswerIsAnIncidentAndAMail() throws Exception {
        try (Service service = service("http://127.0.0.1:" + Service.freePort())) {
            untilHealth(service, 207, START);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> query("select count(*) from caretaker.incident where rule = 'service-down'"
                                    + " and state = 'firing' and labels ->> 'service' = 'cleanup-service'")
                            == 1);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(neighbours.mails().values())
                            .singleElement()
                            .satisfies(mail -> assertThat(
                                            mail.at("/template/variables/rule").asText())
                                    .isEqualTo("service-down")));
            assertThat(service.status("/")).isEqualTo(200);
        }
    }

    private enum Moment {
        /** The condition is there, nothing is written yet, or is being written. */
        BEFORE_THE_INCIDENT,
        /** The incident is committed; its mail may be on the way. */
        WITH_THE_INCIDENT
    }

    @ParameterizedTest
    @EnumSource(Moment.class)
    void killedAroundTheOpeningThereIsOneIncidentAndOneMail(Moment moment) throws Exception {
        Service killed = service();
        untilHealth(killed, 200, START);
        query("with stored as (insert into caretaker.security_event (occurred_at, event, level, reported_by)"
                + " select now(), 'authn_login_fail', 'warning', 'test' from generate_series(1, 11) returning 1)"
                + " select count(*) from stored");
        if (moment == Moment.WITH_THE_INCIDENT) {
            await().atMost(Duration.ofSeconds(30))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> query("select count(*) from caretaker.incident") == 1);
        }
        killed.kill();

        try (Service service = service();
                Service replica = service()) {
            untilHealth(service, 200, START);
            untilHealth(replica, 200, START);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> query("select count(*) from caretaker.monitoring_mail_intent where state = 'accepted'")
                            == 1);
        }

        assertThat(query("select count(*) from caretaker.incident where state = 'firing'"
                        + " and rule = 'failed-authentications'"))
                .isOne();
        assertThat(query("select count(*) from caretaker.monitoring_mail_intent"))
                .isOne();
        assertThat(neighbours.mails()).hasSize(1);
    }
}
