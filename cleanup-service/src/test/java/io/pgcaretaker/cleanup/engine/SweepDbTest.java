package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Both ways through a table that nothing depends on, with the application at the same rows. */
class SweepDbTest extends CleanupDbTest {

    private TestWorker worker(Map<String, String> settings) {
        return new TestWorker(database, Logs.POLICY.settings(settings));
    }

    private long left(String condition) {
        return database.queryLong("select count(*) from logs where " + condition);
    }

    @Test
    void aLargeShareGoesBlockByBlock() throws Exception {
        assumeNotPostgres13();
        Logs.make(database, 4_000, 2_000, true);

        UUID id = worker(Map.of()).runNow("old-logs");

        assertThat(run(id, "state || ' ' || strategy || ' ' || rows_deleted")).isEqualTo("completed block-ranges 2000");
        assertThat(left("id <= 2000")).isZero();
        assertThat(left("id > 2000")).isEqualTo(2_000);
        assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(2_000);
        assertThat(run(id, "(cursor ->> 'next' = cursor ->> 'end') || ' ' || (batches > 2)"))
                .isEqualTo("true true");
    }

    @Test
    void aSmallScatteredShareGoesAlongItsIndex() throws Exception {
        Logs.make(database, 4_000, 20, true);

        UUID id = worker(Map.of()).runNow("old-logs");

        assertThat(run(id, "state || ' ' || strategy || ' ' || rows_deleted")).isEqualTo("completed keyset 20");
        assertThat(left("id <= 20")).isZero();
        assertThat(left("true")).isEqualTo(3_980);
    }

    @Test
    void aSmallShareThatLiesTogetherGoesByItsBlocksOnly() throws Exception {
        assumeNotPostgres13();
        Logs.make(database, 4_000, 400, false);

        UUID id = worker(Map.of()).runNow("old-logs");

        assertThat(run(id, "state || ' ' || strategy || ' ' || rows_deleted || ' ' || phase"))
                .isEqualTo("completed block-ranges 400 first-pass");
        assertThat(
                        run(
                                id,
                                "(cursor ->> 'end')::int < pg_relation_size('logs') / 8192 / 5 and cursor ->> 'next' = cursor ->> 'end'"))
                .isEqualTo("t");
        assertThat(left("id <= 400")).isZero();
        assertThat(left("true")).isEqualTo(3_600);
    }

    @Test
    void whatHasMovedOutOfThoseBlocksIsFoundByTheSecondPass() throws Exception {
        assumeNotPostgres13();
        Logs.make(database, 4_000, 400, false);
        database.execute("update logs set text = repeat('y', 500) where id = 200");
        database.execute("vacuum analyze logs");

        UUID id = worker(Map.of()).runNow("old-logs");

        assertThat(run(id, "state || ' ' || strategy || ' ' || rows_deleted || ' ' || rows_skipped || ' ' || phase"))
                .isEqualTo("completed block-ranges 400 0 second-pass");
        assertThat(left("id <= 400")).isZero();
        assertThat(left("true")).isEqualTo(3_600);
    }

    @Test
    void aRowThatIsTakenBackMeanwhileStaysAndOneThatIsOnlyTouchedGoes() throws Exception {
        Logs.make(database, 4_000, 2_000, true);
        TestWorker worker = worker(Map.of("lock-timeout", "30s", "statement-timeout", "30s"));
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (OpenTransaction application = OpenTransaction.begin(
                database,
                "update logs set at = now() where id in (8, 800, 1800)",
                "update logs set text = repeat('y', 60) where id in (7, 700, 1700)")) {
            Future<UUID> run = threads.submit(() -> worker.runNow("old-logs"));
            awaitLockWait();
            application.commit();

            assertThat(run(run.get(), "state || ' ' || rows_skipped")).isEqualTo("completed 0");
        } finally {
            threads.shutdownNow();
        }
        assertThat(texts("select id from logs where id <= 2000")).containsExactlyInAnyOrder("8", "800", "1800");
    }

    @Test
    void lockedRowsAreLeftByTheFirstPassAndTakenByTheSecond() throws Exception {
        Logs.make(database, 4_000, 2_000, true);
        TestWorker worker = worker(Map.of("lock-timeout", "20ms"));
        try (OpenTransaction application =
                OpenTransaction.begin(database, "select 1 from logs where id in (5, 1500) for update")) {
            UUID id = worker.runNow("old-logs");

            assertThat(run(id, "state || ' ' || rows_skipped || ' ' || phase")).isEqualTo("completed 2 second-pass");
            assertThat(left("id <= 2000")).isEqualTo(2);
            application.rollback();
        }
        worker.runNow("old-logs");
        assertThat(left("id <= 2000")).isZero();
    }

    @Test
    void aHoldOnARowOfTheTableIsObeyedByBothWays() throws Exception {
        Logs.make(database, 4_000, 2_000, true);
        for (int held = 1; held < 2_000; held += 100) {
            hold("old-logs", "logs", "[\"" + held + "\"]");
        }

        worker(Map.of()).runNow("old-logs");

        assertThat(left("id <= 2000")).isEqualTo(20);
        assertThat(left("id <= 2000 and id % 100 = 1")).isEqualTo(20);
    }

    @Test
    void aHoldIsPlacedBetweenBatchesAndNotAmidOne() throws Exception {
        Logs.make(database, 10, 10, false);
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (OpenTransaction batch = OpenTransaction.begin(
                database, "select pg_advisory_xact_lock_shared(caretaker.hold_gate('\"public\".\"logs\"'))")) {
            Future<?> hold = threads.submit(() -> hold("old-logs", "logs", "[\"1\"]"));
            awaitLockWait();

            assertThat(hold.isDone()).isFalse();
            batch.commit();
            hold.get();
        } finally {
            threads.shutdownNow();
        }
        worker(Map.of()).runNow("old-logs");
        assertThat(texts("select id from logs")).containsExactly("1");
    }
}
