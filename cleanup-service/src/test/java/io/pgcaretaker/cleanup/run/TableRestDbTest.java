package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.SampleRows;
import io.pgcaretaker.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One table is to be left alone; another one is free. One worker has runs on both. */
class TableRestDbTest {

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.createMigrated();

    private TestWorker worker() throws Exception {
        StringBuilder policies = new StringBuilder("policies:\n");
        for (String table : List.of("wanted", "free")) {
            database.execute("create table " + table + " (id bigint primary key, at timestamptz, text text)");
            database.execute("create index " + table + "_at on " + table + " (at, id)");
            database.execute("insert into " + table + " select n, now() - interval '9 days', repeat('x', 1500)"
                    + " from generate_series(1, 300) as n");
            policies.append("""
                      - name: %1$s
                        table: %1$s
                        age: { column: at, means: event }
                        retention: P7D
                        every: PT1H
                        limits: { max-rows: 1000, max-fraction: 1 }
                    """.formatted(table));
        }
        Path file = folder.resolve("policies.yaml");
        Files.writeString(file, policies.toString());
        return new TestWorker(
                database,
                Map.of("policies-file", file.toString(), "throttle.longest-table-rest", "200ms", "nice", "0"));
    }

    private String run(String policy) throws Exception {
        return SampleRows.texts(
                        database,
                        "select state || ' ' || coalesce(throttle, '') || ' ' || rows_deleted || ' ' || (throttled_ms > 0)"
                                + " from caretaker.cleanup_run where policy = '" + policy + "'")
                .first();
    }

    private TestWorker begun() throws Exception {
        TestWorker worker = worker();
        worker.requests.begin(worker.policies.find("wanted").orElseThrow(), "test", null);
        worker.requests.begin(worker.policies.find("free").orElseThrow(), "test", null);
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
        try (Connection holder = database.connect();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("lock table wanted in access share mode");
            waiter = CompletableFuture.runAsync(() -> database.execute("alter table wanted add column more int"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> database.queryLong("select count(*) from pg_locks where not granted") == 1);

            worker.worker.work();

            assertThat(run("free")).isEqualTo("completed  300 false");
            assertThat(run("wanted")).isEqualTo("waiting lock-queue 0 false");
            holder.rollback();
        }
        waiter.join();
        completes(worker);
    }
}
