package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The application locks child and parent in the other order than we do: we give way, and it notices nothing. */
class LockOrderDbTest extends CleanupDbTest {

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
        // Shorter than deadlock_timeout (1 s): PostgreSQL never has to choose a victim.
        TestPolicy policy = TestPolicy.of("old-orders", "orders", "P7D");
        TestWorker worker = new TestWorker(database, policy.settings(Map.of("lock-timeout", "300ms")));
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (OpenTransaction application =
                OpenTransaction.begin(database, "update items set note = 'mine' where id = 7")) {
            Future<UUID> run = threads.submit(() -> worker.runNow("old-orders"));
            // Now our batch has the orders and waits for the item; the application wants the order: a circle.
            awaitSession("wait_event_type = 'Lock' and query like '%caretaker.cleanup.%'");

            application.execute("update orders set note = 'mine too' where id = 7");
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
