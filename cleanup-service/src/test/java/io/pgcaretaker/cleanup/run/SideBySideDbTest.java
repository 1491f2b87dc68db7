package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.cleanup.SampleRows;
import io.pgcaretaker.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two windows at once: 4,000 rows in some fifty blocks, half of them expired, the first hundred of them for the canary. */
class SideBySideDbTest {

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.createMigrated();
    private final ExecutorService threads = Executors.newSingleThreadExecutor();

    @BeforeEach
    void make() {
        assumeThat(database.queryLong("select current_setting('server_version_num')::int"))
                .as("ranges of blocks")
                .isGreaterThanOrEqualTo(140_000);
        database.execute("""
                create table logs (id bigint primary key, at timestamptz, text text);
                insert into logs
                select n, case when n <= 2000 then now() - interval '2 days' + n * interval '1 millisecond' else now() end,
                  repeat('x', 50)
                from generate_series(1, 4000) as n
                order by md5(n::text);
                create index logs_at on logs (at, id);
                """);
        database.execute("vacuum analyze logs");
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private TestWorker worker(String action, Map<String, String> settings) throws Exception {
        Path file = Files.writeString(folder.resolve("policies.yaml"), """
                policies:
                  - name: old-logs
                    table: logs
                    age: { column: at, means: event }
                    retention: P1D
                    every: PT1H
                    limits: { max-rows: 100000, max-fraction: 1 }
                    batch-target: PT0.01S
                    action: %s
                """.formatted(action));
        Map<String, String> all = new HashMap<>(settings);
        all.put("policies-file", file.toString());
        all.put("archive-directory", folder.resolve("archive").toString());
        return new TestWorker(database, all);
    }

    /** An expired row that the canary leaves, between these blocks. */
    private long expiredBetween(int from, int to) {
        return database.queryLong("select min(id) from logs where id between 200 and 2000 and ctid >= '(" + from
                + ",0)' and ctid < '(" + to + ",0)'");
    }

    private String run(UUID id, String columns) throws Exception {
        return SampleRows.texts(database, "select " + columns + " from caretaker.cleanup_run where id = '" + id + "'")
                .first();
    }

    private void awaitSessions(String condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> database.queryLong("select count(*) from pg_stat_activity"
                                + " where datname = current_database() and query like '%caretaker.cleanup.sweep%'"
                                + " and pid <> pg_backend_pid() and " + condition)
                        == 1);
    }

    private void assertAllGoneAndInTheLedger(UUID id) throws Exception {
        assertThat(run(id, "state || ' ' || strategy || ' ' || rows_deleted || ' ' || rows_skipped || ' ' || phase"))
                .isEqualTo("completed block-ranges 2000 0 first-pass");
        assertThat(database.queryLong("select count(*) from logs where id <= 2000"))
                .isZero();
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(2_000);
        assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(2_000);
        assertThat(database.queryLong("select count(*) - max(seq) from caretaker.cleanup_ledger"))
                .as("lines that follow each other")
                .isZero();
    }

    @Test
    void theSecondIsTakenMeanwhileAndCommitsAfterTheFirst() throws Exception {
        TestWorker worker = worker("archive", Map.of("lock-timeout", "30s", "statement-timeout", "30s"));
        Future<UUID> run;
        try (Connection application = database.connect();
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("select 1 from logs where id = " + expiredBetween(0, 8) + " for update");

            run = threads.submit(() -> worker.runNow("old-logs"));

            awaitSessions("wait_event_type = 'Lock'");
            awaitSessions("state = 'idle in transaction'");
            assertThat(database.queryLong("select max(seq) from caretaker.cleanup_ledger"))
                    .as("the canary's")
                    .isOne();
            application.commit();
        }
        assertAllGoneAndInTheLedger(run.get());
        assertThat(database.queryLong("select count(distinct archive) - count(*) from caretaker.cleanup_ledger"))
                .as("a file a line")
                .isZero();
    }

    @Test
    void theFirstOnesFailureUndoesTheSecondToo() throws Exception {
        TestWorker worker = worker("archive", Map.of("lock-timeout", "1s"));
        try (Connection application = database.connect();
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("select 1 from logs where id = " + expiredBetween(0, 8) + " for update");

            Future<UUID> run = threads.submit(() -> worker.runNow("old-logs"));
            awaitSessions("state = 'idle in transaction'");
            UUID id = run.get();

            assertThat(run(id, "state || ' ' || rows_deleted || ' ' || rows_skipped"))
                    .isEqualTo("completed 1999 1");
            assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                    .isEqualTo(1_999);
        }
    }

    @Test
    void theSecondOnesFailureIsMetByTheNextBatch() throws Exception {
        TestWorker worker = worker("delete", Map.of("lock-timeout", "200ms"));
        try (Connection application = database.connect();
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("select 1 from logs where id = " + expiredBetween(8, 16) + " for update");

            UUID id = worker.runNow("old-logs");

            assertThat(run(id, "state || ' ' || rows_deleted || ' ' || rows_skipped"))
                    .isEqualTo("completed 1999 1");
        }
    }

    @Test
    void whoeverStopsTheRunMeanwhileStopsTheSecondToo() throws Exception {
        TestWorker worker = worker("delete", Map.of("lock-timeout", "30s", "statement-timeout", "30s"));
        Future<UUID> run;
        try (Connection application = database.connect();
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("select 1 from logs where id = " + expiredBetween(0, 8) + " for update");
            run = threads.submit(() -> worker.runNow("old-logs"));
            awaitSessions("state = 'idle in transaction'");
            database.execute("update caretaker.cleanup_switch set stopped = true");
            application.commit();
        }
        UUID id = run.get();

        assertThat(run(id, "state || ' ' || ledger_seq")).isEqualTo("running 2");
        assertThat(database.queryLong("select 4000 - count(*) from logs")
                        - database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isZero();
    }

    /** And how long the last transaction was is known, though nobody was left to tell. */
    @Test
    void whoeverCancelsTheRunMeanwhileIsAnsweredWhenNothingGoesAnyMore() throws Exception {
        TestWorker worker = worker("delete", Map.of("lock-timeout", "30s", "statement-timeout", "30s"));
        Future<UUID> run;
        CompletableFuture<RunRequests.Outcome> answer;
        try (Connection application = database.connect();
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("select 1 from logs where id = " + expiredBetween(0, 8) + " for update");
            run = threads.submit(() -> worker.runNow("old-logs"));
            awaitSessions("state = 'idle in transaction'");
            UUID open = UUID.fromString(SampleRows.texts(database, "select id from caretaker.cleanup_run")
                    .first());
            answer = CompletableFuture.supplyAsync(() -> worker.requests.cancel(open));
            Awaitility.await()
                    .until(() ->
                            database.queryLong("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                                            + " and datname = current_database() and query like '%run-change%'")
                                    == 1);
            application.commit();
        }
        answer.get();
        long left = database.queryLong("select count(*) from logs");
        UUID id = run.get();

        assertThat(run(id, "state || ' ' || (longest_batch_ms > 0)")).isEqualTo("cancelled true");
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(left);
        assertThat(4000 - left).isEqualTo(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"));
    }

    @Test
    void oneAfterTheOtherWhereThatIsWanted() throws Exception {
        TestWorker worker = worker("delete", Map.of("lock-timeout", "1s", "windows-at-once", "1"));
        try (Connection application = database.connect();
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("select 1 from logs where id = " + expiredBetween(0, 8) + " for update");

            Future<UUID> run = threads.submit(() -> worker.runNow("old-logs"));
            awaitSessions("wait_event_type = 'Lock'");

            assertThat(database.queryLong("select count(*) from pg_stat_activity where datname = current_database()"
                            + " and state = 'idle in transaction' and query like '%caretaker.cleanup%'"))
                    .isZero();
            application.commit();
            assertAllGoneAndInTheLedger(run.get());
        }
    }
}
