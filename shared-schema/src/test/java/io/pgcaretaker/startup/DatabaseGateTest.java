package io.pgcaretaker.startup;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.database.DatabaseConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

class DatabaseGateTest {

    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch asking = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);

    /** A server that takes its time, and then is not there. */
    private final DataSource slow = one(DataSource.class, () -> {
        asked.incrementAndGet();
        asking.countDown();
        answer.await();
        throw new SQLException("nobody there");
    });

    private final DatabaseGate gate = new DatabaseGate(
            slow,
            Flyway.configure().load(),
            one(DatabaseConfig.class, () -> Duration.ofSeconds(1)),
            new FirstReached());

    private interface Answer {
        Object give() throws Exception;
    }

    /** Whose every method answers so. */
    private static <T> T one(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> answer.give()));
    }

    @Test
    void theFirstTickDoesNotLookWhileTheStartDoesAndTheNextOneDoes() throws Exception {
        CompletableFuture<Void> start = CompletableFuture.runAsync(() -> gate.onStart(new StartupEvent()));
        assertThat(asking.await(30, TimeUnit.SECONDS)).isTrue();

        CompletableFuture.runAsync(gate::tick).get(30, TimeUnit.SECONDS);

        assertThat(asked).hasValue(1);
        answer.countDown();
        start.get(30, TimeUnit.SECONDS);
        gate.tick();
        assertThat(asked).hasValue(2);
        assertThat(gate.isOpen()).isFalse();
    }

    @Test
    void whereTheServiceStopsNobodyLooks() throws Exception {
        answer.countDown();
        gate.tick();
        assertThat(asked).hasValue(1);

        gate.onShutdown(new ShutdownEvent());
        gate.tick();

        assertThat(asked).hasValue(1);
    }
}
