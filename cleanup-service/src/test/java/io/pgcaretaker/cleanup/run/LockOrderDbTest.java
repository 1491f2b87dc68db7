package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application locks child and parent in the other order than we do: we give way, and it notices nothing. */
class LockOrderDbTest {

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.createMigrated();

    @Test
    void aDeadlockIsOursToLose() throws Exception {
        database.execute("""
                create table orders (id bigint primary key, at timestamptz, note text);
                create index orders_at on orders (at, id);
                create table items (id bigint primary key, order_id bigint references orders on delete cascade, note text);
                create index items_order on items (order_id);
                insert into orders select n, now() - interval '9 days' from generate_series(1, 20) as n;
                insert into items select n, n from generate_series(1, 20) as n
                """);
        Path file = folder.resolve("policies.yaml");
        Files.writeString(file, """
                policies:
                  - name: old-orders
                    table: orders
                    age: { column: at, means: event }
                    retention: P7D
                    every: PT1H
                    limits: { max-rows: 100, max-fraction: 1 }
                """);
        // Shorter than deadlock_timeout (1 s): PostgreSQL never has to choose a victim.
        TestWorker worker = new TestWorker(database, Map.of("policies-file", file.toString(), "lock-timeout", "300ms"));
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (Connection application = database.connect();
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("update items set note = 'mine' where id = 7");
            Future<UUID> run = threads.submit(() -> worker.runNow("old-orders"));
            // Now our batch has the orders and waits for the item; the application wants the order: a circle.
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(5))
                    .atMost(Duration.ofSeconds(30))
                    .until(() ->
                            database.queryLong("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                                            + " and datname = current_database() and query like '%caretaker.cleanup.%'")
                                    > 0);

            statement.execute("update orders set note = 'mine too' where id = 7");
            application.commit();

            run.get();
        } finally {
            threads.shutdownNow();
        }
        worker.runNow("old-orders");

        assertThat(database.queryLong("select count(*) from orders")).isZero();
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_run where state <> 'completed'"))
                .isZero();
        assertThat(database.queryLong("select deadlocks from pg_stat_database where datname = current_database()"))
                .isZero();
    }
}
