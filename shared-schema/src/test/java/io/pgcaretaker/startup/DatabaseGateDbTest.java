package io.pgcaretaker.startup;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.database.DatabaseConfig;
import io.pgcaretaker.testing.TestDatabase;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import java.lang.reflect.Proxy;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

class DatabaseGateDbTest {

    private final TestDatabase database = TestDatabase.createMigrated();

    private final DatabaseGate gate = new DatabaseGate(
            database.source(),
            Flyway.configure()
                    .dataSource(database.source())
                    .schemas("caretaker")
                    .locations("filesystem:none")
                    .load(),
            (DatabaseConfig) Proxy.newProxyInstance(
                    DatabaseConfig.class.getClassLoader(),
                    new Class<?>[] {DatabaseConfig.class},
                    (proxy, method, arguments) -> Duration.ofMinutes(1)));

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
}
