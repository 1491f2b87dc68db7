package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.SampleRows;
import io.pgcaretaker.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Where the database's or the role's default is another isolation than read committed. */
class IsolationDbTest {

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.createMigrated();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private TestWorker worker(String isolation) throws Exception {
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
        database.execute("do $$ begin execute format('alter database %I set default_transaction_isolation = %L',"
                + " current_database(), '" + isolation + "'); end $$");
        Path file = Files.writeString(folder.resolve("policies.yaml"), """
                policies:
                  - name: old-logs
                    table: logs
                    age: { column: at, means: event }
                    retention: P1D
                    every: PT1H
                    limits: { max-rows: 100000, max-fraction: 1 }
                    batch-target: PT0.01S
                    nice: 0
                """);
        // Sessions that were opened before keep what was the default then.
        DataSource fresh = new PGSimpleDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                return database.connect();
            }
        };
        return new TestWorker(fresh, Map.of("policies-file", file.toString(), "lock-timeout", "2s"), Clock.systemUTC());
    }

    private String run(UUID id, String columns) throws Exception {
        return SampleRows.texts(database, "select " + columns + " from caretaker.cleanup_run where id = '" + id + "'")
                .first();
    }

    private void awaitWaitingSweep() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> database.queryLong("select count(*) from pg_stat_activity"
                                + " where datname = current_database() and query like '%caretaker.cleanup.sweep%'"
                                + " and pid <> pg_backend_pid() and wait_event_type = 'Lock'")
                        > 0);
    }

    /** The application changes rows of the first or of the second of two windows: 40001 where that cannot be passed over. */
    @ParameterizedTest
    @CsvSource({
        "read committed, 0, 8",
        "read committed, 8, 16",
        "repeatable read, 0, 8",
        "repeatable read, 8, 16",
    })
    void whatIsChangedMeanwhileGoesOnceAllTheSame(String isolation, int from, int to) throws Exception {
        TestWorker worker = worker(isolation);
        Future<UUID> run;
        try (Connection application = database.connect();
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("update logs set text = 'touched' where id between 200 and 2000 and ctid >= '(" + from
                    + ",0)' and ctid < '(" + to + ",0)'");
            run = threads.submit(() -> worker.runNow("old-logs"));
            awaitWaitingSweep();
            application.commit();
        }
        UUID id = run.get();

        assertThat(run(id, "state || ' ' || rows_deleted || ' ' || rows_skipped"))
                .isEqualTo("completed 2000 0");
        assertThat(database.queryLong("select count(*) from logs where id <= 2000"))
                .isZero();
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(2_000);
        assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(2_000);
    }
}
