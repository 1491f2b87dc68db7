package io.pgcaretaker.monitoring.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.monitoring.Limits;
import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.collect.Probe;
import io.pgcaretaker.monitoring.health.HealthPolicy;
import io.pgcaretaker.monitoring.health.HealthReport;
import io.pgcaretaker.monitoring.neighbour.Neighbour;
import io.pgcaretaker.monitoring.neighbour.Neighbours;
import io.pgcaretaker.schema.Migrate;
import io.pgcaretaker.status.ServiceStatus;
import io.pgcaretaker.testing.ServerDirectory;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each rule sees the real thing, on a server of its own with few connections. */
class StandingRulesDbTest {

    private static final int MAX_CONNECTIONS = 20;

    private static EmbeddedPostgres server;
    private static String url;

    private final Neighbours neighbours = new Neighbours();
    private Probe probe;

    @BeforeAll
    static void start() throws IOException {
        server = EmbeddedPostgres.builder()
                .setDataDirectory(ServerDirectory.create())
                .setServerConfig("max_connections", String.valueOf(MAX_CONNECTIONS))
                .setServerConfig("superuser_reserved_connections", "0")
                .start();
        url = "postgresql://postgres:postgres@localhost:" + server.getPort() + "/postgres";
        Migrate.migrate(DatabaseUrl.parse(url));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void connect() {
        probe = new Probe(url, Clock.systemUTC(), Duration.ofSeconds(4));
    }

    @AfterEach
    void close() {
        probe.close();
    }

    private static Connection client() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + server.getPort() + "/postgres", "postgres", "postgres");
    }

    private static Limits limits(Duration longQuery, Long storageBytes) {
        return new Limits(80, longQuery, 80, storageBytes, 10, Duration.ofMinutes(10));
    }

    private Situation situation() {
        return new Situation(
                probe.readings,
                probe.contact,
                neighbours,
                new Situation.Freshness(
                        Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofMinutes(4), Duration.ofMinutes(20)),
                Clock.systemUTC());
    }

    private Observation observe(String rule, Limits limits) {
        return new StandingRules(
                        limits,
                        new StandingRules.Patience(Duration.ZERO, Duration.ofSeconds(15), Duration.ofMinutes(1)))
                .all().stream()
                        .filter(candidate -> candidate.name().equals(rule))
                        .findFirst()
                        .orElseThrow()
                        .observe(situation());
    }

    private static Limits usual() {
        return limits(Duration.ofSeconds(5), null);
    }

    @Test
    void quietDatabaseIsWell() {
        probe.all();

        for (String rule : List.of("connections", "long-query", "failed-authentications", "database-down")) {
            assertThat(observe(rule, usual())).as(rule).isInstanceOf(Observation.Well.class);
        }
    }

    @Test
    void connectionsOverTheirShareAndThenAllOfThem() throws SQLException {
        List<Connection> clients = new ArrayList<>();
        try {
            probe.fast();
            while (clients.size() < 17) {
                clients.add(client());
            }
            probe.fast();
            assertThat(observe("connections", usual()))
                    .isInstanceOfSatisfying(
                            Observation.Wrong.class,
                            wrong -> assertThat(wrong.value()).contains("of 20"));
            fill(clients);

            // The lane's own connection is held; a fresh one is refused, which is no outage but a full house.
            probe.fast();
            assertThat(observe("connections", usual())).isInstanceOf(Observation.Wrong.class);
            probe.anew();
            // Its backend takes a moment to leave.
            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptionsInstanceOf(SQLException.class)
                    .until(() -> clients.add(client()));
            probe.fast();
            assertThat(observe("connections", usual())).isInstanceOf(Observation.Wrong.class);
            assertThat(probe.contact.current()).isEmpty();
            HealthReport health = new HealthPolicy(usual()).judge(situation());
            assertThat(health.status()).isEqualTo(HealthReport.Status.DEGRADED);
        } finally {
            for (Connection client : clients) {
                client.close();
            }
        }
    }

    private static void fill(List<Connection> clients) {
        try {
            while (clients.size() < MAX_CONNECTIONS + 1) {
                clients.add(client());
            }
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("53300");
        }
    }

    @Test
    void queryThatRunsTooLong() throws Exception {
        Limits limits = limits(Duration.ofMillis(200), null);
        try (Connection client = client();
                Statement statement = client.createStatement()) {
            CompletableFuture<Void> query = CompletableFuture.runAsync(() -> sleep(statement));
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                probe.fast();
                assertThat(observe("long-query", limits)).isInstanceOfSatisfying(Observation.Wrong.class, wrong -> {
                    assertThat(wrong.value()).startsWith("1,");
                    assertThat(wrong.summary()).doesNotContain("pg_sleep");
                });
            });
            statement.cancel();
            query.join();
        }
        probe.fast();

        assertThat(observe("long-query", limits)).isInstanceOf(Observation.Well.class);
    }

    private static void sleep(Statement statement) {
        try {
            statement.execute("select pg_sleep(60)");
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("57014");
        }
    }

    @Test
    void aRunThatNeedsApprovalIsToldAndASilentServiceIsNotWell() {
        assertThat(observe("cleanup-needs-approval", usual())).isInstanceOf(Observation.Unknown.class);

        cleanupSays(Map.of("needsApproval", List.of("soft-deleted-users")));
        assertThat(observe("cleanup-needs-approval", usual()))
                .isInstanceOfSatisfying(
                        Observation.Wrong.class,
                        wrong -> assertThat(wrong.value()).isEqualTo("[soft-deleted-users]"));

        cleanupSays(Map.of("needsApproval", List.of()));
        assertThat(observe("cleanup-needs-approval", usual())).isInstanceOf(Observation.Well.class);

        cleanupSays(Map.of("mode", "enforce"));
        assertThat(observe("cleanup-needs-approval", usual())).isInstanceOf(Observation.Unknown.class);
    }

    private void cleanupSays(Map<String, Object> details) {
        Instant now = Instant.now();
        neighbours.put(new Neighbour(
                Neighbours.CLEANUP, new ServiceStatus("cleanup-service", "1", now, details), now, null, null));
    }

    @Test
    void storageOverItsShareAndSkippedWithoutALimit() {
        probe.all();

        assertThat(observe("storage", usual()))
                .isEqualTo(new Observation.Skipped("caretaker.monitoring.storage-limit is not set"));
        assertThat(observe("storage", limits(Duration.ofSeconds(5), 1_000_000L)))
                .isInstanceOf(Observation.Wrong.class);
        assertThat(observe("storage", limits(Duration.ofSeconds(5), 1_000_000_000_000L)))
                .isInstanceOf(Observation.Well.class);
    }

    @Test
    void failedAuthenticationsOverTheThreshold() throws SQLException {
        try (Connection client = client();
                Statement statement = client.createStatement()) {
            statement.execute("insert into caretaker.security_event (occurred_at, event, level, reported_by)"
                    + " select now() - make_interval(secs => n), 'authn_login_fail', 'warning', 'test'"
                    + " from generate_series(1, 11) n");
            probe.fast();
            assertThat(observe("failed-authentications", usual())).isInstanceOf(Observation.Wrong.class);

            statement.execute("delete from caretaker.security_event");
            probe.fast();
            assertThat(observe("failed-authentications", usual())).isInstanceOf(Observation.Well.class);
        }
    }
}
