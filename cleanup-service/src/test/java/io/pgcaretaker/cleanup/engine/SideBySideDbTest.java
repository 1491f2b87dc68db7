package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.run.RunRequests;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two windows at once: 4,000 rows in some fifty blocks, half of them expired, the first hundred of them for the canary. */
class SideBySideDbTest extends CleanupDbTest {

    /** The application lets go before any of these. */
    private static final Map<String, String> PATIENT = Map.of("lock-timeout", "30s", "statement-timeout", "30s");

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newSingleThreadExecutor();

    @BeforeEach
    void make() {
        assumeNotPostgres13();
        Logs.make(database, 4_000, 2_000, true);
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private TestWorker worker(String action, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("archive-directory", folder.resolve("archive").toString());
        return new TestWorker(database, Logs.POLICY.with("action", action).settings(all));
    }

    /** The application has an expired row that the canary leaves, between these blocks. */
    private OpenTransaction lockExpiredBetween(int from, int to) throws SQLException {
        return OpenTransaction.begin(
                database,
                "select 1 from logs where id = (select min(id) from logs where id between 200 and 2000 and ctid >= '("
                        + from + ",0)' and ctid < '(" + to + ",0)') for update");
    }

    /** Of a window: the canary's own statement is another one. */
    private void awaitSweep(String condition) {
        awaitSession("query like '%caretaker.cleanup.sweep */%' and " + condition);
    }

    /** The second window is taken, the first waits for the row. Behind an archive's own statement the columns are looked at. */
    private void awaitSwept() {
        awaitSweep("wait_event_type = 'Lock'");
        awaitSession(
                "(query like '%caretaker.cleanup.sweep */%' or query like '%caretaker.cleanup.catalogue-stored-columns */%')"
                        + " and state = 'idle in transaction'");
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
        TestWorker worker = worker("archive", PATIENT);
        Future<UUID> run;
        try (OpenTransaction application = lockExpiredBetween(0, 8)) {
            run = threads.submit(() -> worker.runNow("old-logs"));

            awaitSweep("wait_event_type = 'Lock'");
            awaitSwept();
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
        try (OpenTransaction application = lockExpiredBetween(0, 8)) {
            Future<UUID> run = threads.submit(() -> worker.runNow("old-logs"));
            awaitSwept();
            UUID id = run.get();

            assertThat(run(id, "state || ' ' || rows_deleted || ' ' || rows_skipped"))
                    .isEqualTo("completed 1999 1");
            assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                    .isEqualTo(1_999);
            application.rollback();
        }
    }

    @Test
    void theSecondOnesFailureIsMetByTheNextBatch() throws Exception {
        TestWorker worker = worker("delete", Map.of("lock-timeout", "200ms"));
        try (OpenTransaction application = lockExpiredBetween(8, 16)) {
            UUID id = worker.runNow("old-logs");

            assertThat(run(id, "state || ' ' || rows_deleted || ' ' || rows_skipped"))
                    .isEqualTo("completed 1999 1");
            application.rollback();
        }
    }

    @Test
    void whoeverStopsTheRunMeanwhileStopsTheSecondToo() throws Exception {
        TestWorker worker = worker("delete", PATIENT);
        Future<UUID> run;
        try (OpenTransaction application = lockExpiredBetween(0, 8)) {
            run = threads.submit(() -> worker.runNow("old-logs"));
            awaitSwept();
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
        TestWorker worker = worker("delete", PATIENT);
        Future<UUID> run;
        CompletableFuture<RunRequests.Outcome> answer;
        try (OpenTransaction application = lockExpiredBetween(0, 8)) {
            run = threads.submit(() -> worker.runNow("old-logs"));
            awaitSwept();
            UUID open = UUID.fromString(text("select id from caretaker.cleanup_run"));
            answer = CompletableFuture.supplyAsync(() -> worker.requests.cancel(open, "ops"));
            awaitSession("wait_event_type = 'Lock' and query like '%run-change%'");
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
        try (OpenTransaction application = lockExpiredBetween(0, 8)) {
            Future<UUID> run = threads.submit(() -> worker.runNow("old-logs"));
            awaitSweep("wait_event_type = 'Lock'");

            assertThat(database.queryLong("select count(*) from pg_stat_activity where datname = current_database()"
                            + " and state = 'idle in transaction' and query like '%caretaker.cleanup%'"))
                    .isZero();
            application.commit();
            assertAllGoneAndInTheLedger(run.get());
        }
    }

    /** Both would wait for the one row that it writes. */
    @Test
    void oneAfterTheOtherWhereATriggerMayDoAnything() throws Exception {
        database.execute("create table changes (rows bigint); insert into changes values (0);"
                + " create function note() returns trigger language plpgsql as"
                + " $$ begin update changes set rows = rows + 1; return new; end $$;"
                + " create trigger note before update on logs for each row execute function note()");
        TestWorker worker = new TestWorker(
                database,
                Logs.POLICY
                        .with("action", "anonymise")
                        .with("mask", "[ { column: text, with: null } ]")
                        .with("triggers", "[ note ]")
                        .settings(PATIENT));
        try (OpenTransaction application = lockExpiredBetween(0, 8)) {
            Future<UUID> run = threads.submit(() -> worker.runNow("old-logs"));
            awaitSweep("wait_event_type = 'Lock'");

            assertThat(
                            database.queryLong(
                                    "select count(*) from pg_stat_activity where datname = current_database()"
                                            + " and pid <> pg_backend_pid() and state <> 'idle' and query like '%caretaker.cleanup.sweep */%'"))
                    .isOne();
            application.commit();
            assertThat(run(run.get(), "state || ' ' || rows_deleted")).isEqualTo("completed 2000");
        }
    }
}
