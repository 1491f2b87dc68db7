package io.pgcaretaker.startup;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.database.DatabaseConfig;
import io.pgcaretaker.problem.DatabaseProblem;
import io.pgcaretaker.testing.TestDatabase;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.Test;

class DatabaseGateDbTest {

    private final TestDatabase database = TestDatabase.createMigrated();

    private final FirstReached firstReached = new FirstReached();

    private boolean away;

    private final DatabaseGate gate = new DatabaseGate(
            (DataSource) Proxy.newProxyInstance(
                    DataSource.class.getClassLoader(),
                    new Class<?>[] {DataSource.class},
                    (proxy, method, arguments) -> {
                        if (away) {
                            throw new SQLException("nobody there", "28P01");
                        }
                        return database.connect();
                    }),
            Flyway.configure()
                    .dataSource(database.source())
                    .schemas("caretaker")
                    .locations("filesystem:none")
                    .load(),
            (DatabaseConfig) Proxy.newProxyInstance(
                    DatabaseConfig.class.getClassLoader(),
                    new Class<?>[] {DatabaseConfig.class},
                    (proxy, method, arguments) -> Duration.ofMinutes(1)),
            firstReached);

    private final DatabaseGate.Closed closed = new DatabaseGate.Closed(gate);

    @Test
    void timersWorkFromTheEndOfTheStartUntilTheServiceStops() {
        assertThat(closed.test(null)).isTrue();

        gate.onStart(new StartupEvent());
        assertThat(closed.test(null)).as("the start may still be refused").isTrue();

        gate.onStarted(new StartupEvent());
        assertThat(closed.test(null)).isFalse();

        gate.onShutdown(new ShutdownEvent());
        assertThat(closed.test(null)).isTrue();
        // Requests that are under way are answered.
        assertThat(gate.isOpen()).isTrue();
    }

    @Test
    void whoLooksSeldomIsToldOnceWhenTheStartIsOverAndTheDatabaseAnswers() {
        gate.onStart(new StartupEvent());
        assertThat(firstReached.times()).as("the start may still be refused").isZero();
        gate.onStarted(new StartupEvent());
        assertThat(firstReached.times()).isOne();

        away = true;
        gate.tick();
        away = false;
        gate.tick();

        assertThat(firstReached.times()).as("the timers work").isOne();
    }

    @Test
    void aDatabaseThatComesLaterIsToldOfThen() {
        away = true;
        gate.onStart(new StartupEvent());
        gate.onStarted(new StartupEvent());
        gate.tick();
        assertThat(firstReached.times()).isZero();

        away = false;
        gate.tick();

        assertThat(firstReached.times()).isOne();
    }

    /** Whom the server does not let in is not told that it does not answer. */
    @Test
    void whyTheLastLookFailedIsKnownUntilOneSucceeds() {
        away = true;
        gate.onStart(new StartupEvent());
        assertThat(DatabaseProblem.unanswered(gate.failure()).problem().detail())
                .contains("refuses the service's login");

        away = false;
        gate.tick();

        assertThat(gate.failure()).isNull();
    }

    /** Nobody has to look at the address of a database that answers. */
    @Test
    void aStatementTimeoutThatIsTooShortIsToldAsOne() throws SQLException {
        SQLException cancelled = null;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set statement_timeout = '1ms'");
            statement.execute("select pg_sleep(60)");
        } catch (SQLException e) {
            cancelled = e;
        }

        Exception asFlywayTells = new FlywayException("a look at the schema", cancelled);
        assertThat(DatabaseGate.sentence(asFlywayTells, Duration.ofMillis(3)))
                .contains("statement_timeout")
                .doesNotContain("DATABASE_URL");
        assertThat(DatabaseGate.sentence(asFlywayTells, Duration.ofSeconds(2)))
                .as("by the deadline of the look itself")
                .contains("DATABASE_URL");
        assertThat(DatabaseGate.sentence(new SQLException("nobody there", "08001"), Duration.ZERO))
                .contains("DATABASE_URL");
    }

    /** Such a server answers, at the address that it is looked for. */
    @Test
    void whoIsNotLetInIsToldWhyAndNotToLookAtTheAddress() throws SQLException {
        String role = "gate_" + System.nanoTime();
        database.execute("create role " + role + " login password 'x' connection limit 0");
        SQLException refused = null;
        try (Connection connection = DriverManager.getConnection(
                database.url().replace("postgresql://postgres:postgres@", "jdbc:postgresql://"), role, "x")) {
            connection.isValid(1);
        } catch (SQLException e) {
            refused = e;
        } finally {
            database.execute("drop role " + role);
        }

        assertThat(DatabaseGate.sentence(refused, Duration.ZERO))
                .isEqualTo("not ready until the database lets the service in: the database takes no further session"
                        + " (max_connections, or a CONNECTION LIMIT); try again");
    }
}
