package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Where the database's or the role's default is another isolation than read committed, which all of this is made for. */
class IsolationDbTest extends CleanupDbTest {

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @BeforeEach
    void make() {
        Logs.make(database, 4_000, 2_000, true);
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private TestWorker worker(String isolation) {
        database.execute("do $$ begin execute format('alter database %I set default_transaction_isolation = %L',"
                + " current_database(), '" + isolation + "'); end $$");
        // Sessions that were opened before keep what was the default then.
        DataSource fresh = new PGSimpleDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                return database.connect();
            }
        };
        return new TestWorker(
                fresh,
                Logs.POLICY.settings(Map.of("lock-timeout", "30s", "statement-timeout", "30s")),
                Clock.systemUTC());
    }

    @ParameterizedTest
    @ValueSource(strings = {"read committed", "repeatable read", "serializable"})
    void aHoldThatComesIntoForceWhileABatchWaitsForItsGateIsObeyed(String isolation) throws Exception {
        TestWorker worker = worker(isolation);
        Future<UUID> run;
        try (OpenTransaction other = OpenTransaction.begin(
                database, "select pg_advisory_xact_lock(caretaker.hold_gate('\"public\".\"logs\"'))")) {
            run = threads.submit(() -> worker.runNow("old-logs"));
            awaitSession("query like '%run-fence%' and wait_event_type = 'Lock'");
            other.execute(holding("old-logs", "logs", "[\"50\"]"));
            other.commit();
        }

        assertThat(run(run.get(), "state || ' ' || rows_deleted")).isEqualTo("completed 1999");
        assertThat(database.queryLong("select count(*) from logs where id = 50"))
                .isOne();
    }

    /** The application changes rows of the first, or of the second, of two windows. */
    @ParameterizedTest
    @CsvSource({"repeatable read, 0, 8", "repeatable read, 8, 16", "serializable, 0, 8"})
    void whatIsChangedMeanwhileGoesOnceAllTheSame(String isolation, int from, int to) throws Exception {
        TestWorker worker = worker(isolation);
        Future<UUID> run;
        try (OpenTransaction application = OpenTransaction.begin(
                database,
                "set transaction isolation level read committed",
                "update logs set text = 'touched' where id between 200 and 2000 and ctid >= '(" + from
                        + ",0)' and ctid < '(" + to + ",0)'")) {
            run = threads.submit(() -> worker.runNow("old-logs"));
            awaitSession("query like '%caretaker.cleanup.sweep */%' and wait_event_type = 'Lock'");
            application.commit();
        }

        assertThat(run(run.get(), "state || ' ' || rows_deleted || ' ' || rows_skipped"))
                .isEqualTo("completed 2000 0");
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(2_000);
        assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(2_000);
    }
}
