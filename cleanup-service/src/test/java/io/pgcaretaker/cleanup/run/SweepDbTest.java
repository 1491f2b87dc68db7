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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both ways through a table that nothing depends on, with the application at the same rows. */
class SweepDbTest {

    private static final String POLICY = """
            policies:
              - name: old-logs
                table: logs
                age: { column: at, means: event }
                retention: P1D
                every: PT1H
                limits: { max-rows: 100000, max-fraction: 1 }
                batch-target: PT0.01S
            """;

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.createMigrated();

    /** Rows 1 to {@code expired} are expired, spread over the table or at its beginning. */
    private void makeLogs(int rows, int expired, boolean spread) {
        database.execute("create table logs (id bigint primary key, at timestamptz, text text)");
        database.execute("insert into logs select n, case when n <= " + expired
                + " then now() - interval '2 days' + n * interval '1 millisecond' else now() end, repeat('x', 50)"
                + " from generate_series(1, " + rows + ") as n order by " + (spread ? "md5(n::text)" : "n"));
        database.execute("create index logs_at on logs (at, id)");
        database.execute("vacuum analyze logs");
    }

    private TestWorker worker(Map<String, String> settings) throws Exception {
        Path file = folder.resolve("policies.yaml");
        Files.writeString(file, POLICY);
        Map<String, String> all = new HashMap<>(settings);
        all.put("policies-file", file.toString());
        return new TestWorker(database, all);
    }

    private String run(UUID id, String columns) throws Exception {
        return SampleRows.texts(database, "select " + columns + " from caretaker.cleanup_run where id = '" + id + "'")
                .first();
    }

    private long left(String condition) {
        return database.queryLong("select count(*) from logs where " + condition);
    }

    /** PostgreSQL 13 goes along the index instead. */
    private void assumeRangesOfBlocks() {
        assumeThat(database.queryLong("select current_setting('server_version_num')::int"))
                .isGreaterThanOrEqualTo(140_000);
    }

    @Test
    void aLargeShareGoesBlockByBlock() throws Exception {
        assumeRangesOfBlocks();
        makeLogs(4_000, 2_000, true);

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
        makeLogs(4_000, 20, true);

        UUID id = worker(Map.of()).runNow("old-logs");

        assertThat(run(id, "state || ' ' || strategy || ' ' || rows_deleted")).isEqualTo("completed keyset 20");
        assertThat(left("id <= 20")).isZero();
        assertThat(left("true")).isEqualTo(3_980);
    }

    @Test
    void aSmallShareThatLiesTogetherGoesByItsBlocksOnly() throws Exception {
        assumeRangesOfBlocks();
        makeLogs(4_000, 400, false);

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
        assumeRangesOfBlocks();
        makeLogs(4_000, 400, false);
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
        makeLogs(4_000, 2_000, true);
        TestWorker worker = worker(Map.of("lock-timeout", "30s", "statement-timeout", "30s"));
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (Connection application = database.connect();
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("update logs set at = now() where id in (8, 800, 1800)");
            statement.execute("update logs set text = repeat('y', 60) where id in (7, 700, 1700)");

            Future<UUID> run = threads.submit(() -> worker.runNow("old-logs"));
            awaitSomebodyWaiting();
            application.commit();

            assertThat(run(run.get(), "state || ' ' || rows_skipped")).isEqualTo("completed 0");
        } finally {
            threads.shutdownNow();
        }
        assertThat(SampleRows.texts(database, "select id from logs where id <= 2000"))
                .containsExactlyInAnyOrder("8", "800", "1800");
    }

    private void awaitSomebodyWaiting() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() ->
                        database.queryLong("select count(*) from pg_locks l join pg_database d on d.oid = l.database"
                                                + " where not l.granted and d.datname = current_database()")
                                        + database.queryLong(
                                                "select count(*) from pg_stat_activity where datname = current_database()"
                                                        + " and wait_event_type = 'Lock'")
                                > 0);
    }

    @Test
    void lockedRowsAreLeftByTheFirstPassAndTakenByTheSecond() throws Exception {
        makeLogs(4_000, 2_000, true);
        TestWorker worker = worker(Map.of("lock-timeout", "20ms"));
        try (Connection application = database.connect();
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("select 1 from logs where id in (5, 1500) for update");

            UUID id = worker.runNow("old-logs");

            assertThat(run(id, "state || ' ' || rows_skipped || ' ' || phase")).isEqualTo("completed 2 second-pass");
            assertThat(left("id <= 2000")).isEqualTo(2);
        }
        worker.runNow("old-logs");
        assertThat(left("id <= 2000")).isZero();
    }

    @Test
    void aHoldOnARowOfTheTableIsObeyedByBothWays() throws Exception {
        makeLogs(4_000, 2_000, true);
        database.execute(
                "insert into caretaker.legal_hold (case_id, policy, subject_table, subject_key, reason, placed_by)"
                        + " select 'C-1', 'old-logs', '\"public\".\"logs\"', jsonb_build_array(n::text)::text, 'r', 'ops'"
                        + " from generate_series(1, 2000, 100) as n");

        worker(Map.of()).runNow("old-logs");

        assertThat(left("id <= 2000")).isEqualTo(20);
        assertThat(left("id <= 2000 and id % 100 = 1")).isEqualTo(20);
    }

    @Test
    void aHoldIsPlacedBetweenBatchesAndNotAmidOne() throws Exception {
        makeLogs(10, 10, false);
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (Connection batch = database.connect();
                Statement statement = batch.createStatement()) {
            batch.setAutoCommit(false);
            statement.execute("select pg_advisory_xact_lock_shared(caretaker.hold_gate('\"public\".\"logs\"'))");
            Future<?> hold = threads.submit(() -> database.execute(
                    "insert into caretaker.legal_hold (case_id, policy, subject_table, subject_key, reason, placed_by)"
                            + " values ('C-1', 'old-logs', '\"public\".\"logs\"', '[\"1\"]', 'r', 'ops')"));
            awaitSomebodyWaiting();

            assertThat(hold.isDone()).isFalse();
            batch.commit();
            hold.get();
        } finally {
            threads.shutdownNow();
        }
        worker(Map.of()).runNow("old-logs");
        assertThat(SampleRows.texts(database, "select id from logs")).containsExactly("1");
    }
}
