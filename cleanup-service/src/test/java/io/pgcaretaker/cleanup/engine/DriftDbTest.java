package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;

/** A run, and what a migration does to its tables meanwhile. */
abstract class DriftDbTest extends CleanupDbTest {

    final ExecutorService threads = Executors.newSingleThreadExecutor();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    /** The application does that while the first batch waits at the table's gate. */
    final UUID runWhile(TestPolicy policy, String table, String statements) throws Exception {
        return runWhile(
                new TestWorker(
                        database,
                        policy.with("nice", "0").settings(Map.of("lock-timeout", "30s", "statement-timeout", "30s"))),
                table,
                statements);
    }

    final UUID runWhile(TestWorker worker, String table, String statements) throws Exception {
        Future<UUID> run;
        try (OpenTransaction application = OpenTransaction.begin(
                database, "select pg_advisory_xact_lock(caretaker.hold_gate('\"public\".\"" + table + "\"'))")) {
            run = threads.submit(() -> worker.runNow("old-" + table));
            awaitSession("query like '%run-fence%' and wait_event_type = 'Lock'");
            application.execute(statements);
            application.commit();
        }
        return run.get();
    }
}
