package io.pgcaretaker.cli.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cli.postgres.Binaries;
import io.pgcaretaker.cli.postgres.PostgresServer;
import io.pgcaretaker.cli.up.LocalCaretaker;
import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.sample.SampleApplication;
import io.pgcaretaker.testing.FreePort;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged services on somebody's own database, each with the role and the grants of docs/operate.md and no more, and
 * killed at random moments there.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RolesIT {

    private static final Duration LONG = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path directory;

    private static PostgresServer postgres;
    private static LocalCaretaker up;
    private static Operator operator;
    private static Catcher catcher;
    private static String url;

    @BeforeAll
    static void start() throws SQLException {
        postgres = new PostgresServer(
                Binaries.unpack(directory), directory.resolve("postgres"), directory.resolve("postgres.log"));
        postgres.makeIfMissing("secret");
        int port = FreePort.find();
        postgres.start(port);
        String server = "postgresql://postgres:secret@127.0.0.1:" + port + "/";
        execute(server + "postgres", """
                create role application login password 'secret';
                create role caretaker_owner login password 'secret';
                create role caretaker_cleanup login password 'secret';
                create role caretaker_email login password 'secret';
                create role caretaker_monitoring login password 'secret' in role pg_monitor;
                grant caretaker_email, caretaker_monitoring to caretaker_owner
                """);
        execute(server + "postgres", "create database theirs owner application");
        url = server + "theirs";
        execute(url, """
                grant create on database theirs to caretaker_owner;
                grant create on schema public to application
                """);
        try (Connection connection = connect(as("application"))) {
            SampleApplication.load(connection);
        }
        Map<String, String> settings = new HashMap<>(Quick.SETTINGS);
        settings.put("DATABASE_URL", as("caretaker_owner"));
        settings.put("CLEANUP_DATABASE_URL", as("caretaker_cleanup"));
        settings.put("EMAIL_DATABASE_URL", as("caretaker_email"));
        settings.put("MONITORING_DATABASE_URL", as("caretaker_monitoring"));
        settings.put("CLEANUP_MODE", "enforce");
        up = LocalCaretaker.start(directory.resolve("up"), settings);
        operator = new Operator(up, () -> connect(url));
        catcher = new Catcher(up);
    }

    @AfterAll
    static void stop() {
        up.close();
        postgres.stop();
    }

    @Test
    @Order(1)
    void theirDatabaseIsMigratedAndNothingElseOfItTouched() throws SQLException {
        assertThat(up.state().databaseUrl()).isEqualTo(as("caretaker_owner"));
        assertThat(up.state().pids()).doesNotContainKey("postgres");
        assertThat(directory.resolve("up/postgres")).doesNotExist();
        assertThat(count("select count(*) from caretaker.flyway_schema_history"))
                .isPositive();
        assertThat(count("select count(*) from users")).isEqualTo(20_000);
    }

    @Test
    @Order(1)
    void withoutAGrantNothingIsDeletedAndTheGrantIsNamed() {
        JsonNode policy = operator.read(up.state().cleanup() + "/api/cleanup/policies/soft-deleted-users");

        assertThat(policy.path("state").asText()).isEqualTo("blocked");
        assertThat(policy.path("reasons").toString())
                .contains("run: grant delete, select, update on", "users", "caretaker_cleanup");
    }

    @Test
    @Order(2)
    void withTheGrantsThePolicyRuns() throws Exception {
        execute(as("application"), """
                grant select, update, delete on users to caretaker_cleanup;
                grant select, update, delete on password_reset_tokens, user_sessions, user_api_keys, prompts
                to caretaker_cleanup
                """);
        await().atMost(LONG)
                .until(() -> JSON.readTree(
                                up.post(up.state().cleanup() + "/api/cleanup/policies/soft-deleted-users/plan", "")
                                        .body())
                        .path("state")
                        .asText()
                        .equals("armed"));
        operator.run("soft-deleted-users");

        await().atMost(LONG).until(() -> count("select count(*) from users") == 20_000 - 1_040);
        assertThat(operator.read(up.state().cleanup() + "/api/cleanup/ledger/verify")
                        .toString())
                .contains("true");
    }

    @Test
    @Order(3)
    void mailGoesOutAndEventsComeIn() throws Exception {
        assertThat(up.post(up.state().email() + "/emails", """
                                {"from":"app@example.com","to":"somebody@example.com","subject":"as a role","text":"hello"}
                                """).statusCode()).isEqualTo(200);
        assertThat(up.post(up.state().monitoring() + "/api/monitoring/security/events", """
                                {"event":"authn_login_fail","occurredAt":"%s","account":"somebody"}
                                """.formatted(
                                        java.time.Instant.now()))
                        .statusCode())
                .isLessThan(300);

        await().atMost(LONG).until(() -> catcher.subjects().contains("as a role"));
        await().atMost(LONG).until(operator::health, status -> status == 200);
        assertThat(operator.read(up.state().monitoring() + "/api/monitoring/metrics")
                        .path("storage")
                        .toString())
                .contains("\"table\":\"users\"");
    }

    @Test
    @Order(4)
    void killedAtAnyMomentNothingIsLostStuckOrSaidTwice() throws Exception {
        new Kills(up, operator, catcher).nothingIsLostStuckOrSaidTwice(1_040);
    }

    @Test
    @Order(5)
    void termStopsAllLikeCtrlCAndTheirServerStays() throws SQLException {
        List<Long> pids = List.copyOf(up.state().pids().values());

        LocalCaretaker.signal("TERM", up.launcher().pid());

        assertThat(up.awaitExit()).isEqualTo(143);
        assertThat(pids).allMatch(pid -> ProcessHandle.of(pid).isEmpty());
        assertThat(count("select count(*) from users")).isEqualTo(18_960);
    }

    private static String as(String role) {
        return url.replaceFirst("//[^@]+@", "//" + role + ":secret@");
    }

    private static long count(String sql) throws SQLException {
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void execute(String where, String sql) throws SQLException {
        try (Connection connection = connect(where);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Connection connect(String where) throws SQLException {
        DatabaseUrl parsed = DatabaseUrl.parse(where);
        return DriverManager.getConnection(parsed.jdbcUrl(), parsed.username(), parsed.password());
    }
}
