package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** One table is to be left alone; another one is free. One worker has runs on both. */
class TableRestDbTest extends CleanupDbTest {

    private TestWorker worker() {
        Map<String, String> settings = Map.of("throttle.longest-table-rest", "200ms", "lock-timeout", "100ms");
        return new TestWorker(database, TestPolicy.settings(settings, make("wanted"), make("free")));
    }

    private TestPolicy make(String table) {
        database.execute("create table " + table + " (id bigint primary key, at timestamptz, text text)");
        database.execute("create index " + table + "_at on " + table + " (at, id)");
        fill(table);
        return TestPolicy.of(table, table, "P7D");
    }

    private void fill(String table) {
        database.execute("insert into " + table + " select n, now() - interval '9 days', repeat('x', 1500)"
                + " from generate_series(1, 300) as n");
    }

    private String run(String policy) throws Exception {
        return text("select state || ' ' || coalesce(throttle, '') || ' ' || rows_deleted || ' ' || (throttled_ms > 0)"
                + " from caretaker.cleanup_run where policy = '" + policy + "' order by created_at desc limit 1");
    }

    private TestWorker begun() {
        TestWorker worker = worker();
        worker.begin("wanted");
        worker.begin("free");
        return worker;
    }

    private void completes(TestWorker worker) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            worker.worker.work();
            return run("wanted").startsWith("completed");
        });
        assertThat(database.queryLong("select count(*) from wanted")).isZero();
    }

    @Test
    void aRunThatRestsForAVacuumLetsOthersThrough() throws Exception {
        TestWorker worker = begun();
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (Connection vacuum = database.connect();
                Statement statement = vacuum.createStatement()) {
            // A page costs a tenth of a second: longer than this test takes.
            statement.execute("set vacuum_cost_delay = 100; set vacuum_cost_limit = 1");
            Future<?> vacuumed = threads.submit(() -> statement.execute("vacuum (freeze) wanted"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> database.queryLong("select count(*) from pg_stat_progress_vacuum") == 1);

            worker.worker.work();

            assertThat(run("free")).isEqualTo("completed  300 false");
            assertThat(run("wanted")).isEqualTo("waiting autovacuum 0 true");
            statement.cancel();
            assertThatThrownBy(vacuumed::get).hasMessageContaining("canceling statement");
        } finally {
            threads.shutdownNow();
        }
        completes(worker);
    }

    /** Behind somebody who waits for the whole table nothing can even be looked at. */
    @Test
    void aRunThatFindsItsTableLockedLetsOthersThrough() throws Exception {
        TestWorker worker = begun();
        CompletableFuture<Void> waiter;
        try (OpenTransaction holder = OpenTransaction.begin(database, "lock table wanted in access share mode")) {
            waiter = CompletableFuture.runAsync(() -> database.execute("alter table wanted add column more int"));
            awaitLockWait();

            worker.worker.work();

            assertThat(run("free")).isEqualTo("completed  300 false");
            assertThat(run("wanted")).isEqualTo("waiting lock-queue 0 false");
            holder.rollback();
        }
        waiter.join();
        completes(worker);
    }

    /** It does not go through its whole table to leave each row of it. */
    @Test
    void aRunThatFindsAHoldBeingPlacedForLongLetsOthersThrough() throws Exception {
        TestWorker worker = begun();
        completes(worker);
        fill("wanted");
        fill("free");
        worker.begin("wanted");
        worker.begin("free");
        try (OpenTransaction holder = OpenTransaction.begin(
                database, "select pg_advisory_xact_lock(caretaker.hold_gate('\"public\".\"wanted\"'))")) {
            worker.worker.work();

            assertThat(run("free")).isEqualTo("completed  300 false");
            assertThat(run("wanted")).isEqualTo("waiting lock-queue 0 false");
            holder.rollback();
        }
        completes(worker);
    }
}
