package io.pgcaretaker.cleanup.stop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.engine.TestWorker;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A batch has looked at the switch, and is held up before it has the run's row: whoever stops clean-up meanwhile does not wait for it. */
class HeldUpBatchDbTest extends CleanupDbTest {

    private static final int GATE = 77;

    /** As a hold of the table does. */
    private static final String PLACING = "select pg_advisory_xact_lock(caretaker.hold_gate('\"public\".\"logs\"'))";

    private static final String FENCE_WAITS = "wait_event = 'advisory' and query like '%run-fence%for update%'";

    private final ExecutorService threads = Executors.newSingleThreadExecutor();

    private final KillSwitchResource resource = new KillSwitchResource(new Transactions(database.source()));

    @BeforeEach
    void make() {
        database.execute("create table logs (id bigint primary key, at timestamptz, text text)");
        database.execute("insert into logs select n, case when n <= 2000 then now() - interval '2 days' else now() end,"
                + " repeat('x', 50) from generate_series(1, 4000) as n order by md5(n::text)");
        database.execute("create index logs_at on logs (at, id)");
        database.execute("vacuum analyze logs");
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private Future<UUID> run() {
        TestWorker worker = new TestWorker(
                database,
                TestPolicy.of("old-logs", "logs", "P1D")
                        .with("batch-target", "PT0.01S")
                        .settings(Map.of("lock-timeout", "60s", "statement-timeout", "60s")));
        return threads.submit(() -> worker.runNow("old-logs"));
    }

    private void assertNothingGoesAfter(
            KillSwitchResource.SwitchView answer, OpenTransaction meanwhile, Future<UUID> run) throws Exception {
        assertThat(answer.batchUnderWay()).as("nothing is said to go on").isNull();
        long left = database.queryLong("select count(*) from logs");
        meanwhile.commit();
        UUID id = run.get(60, TimeUnit.SECONDS);
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(left);
        assertThat(run(id, "rows_deleted")).isEqualTo(Long.toString(4_000 - left));
    }

    /** Its fence waits until a hold of the table has been placed. */
    @Test
    void takesNothingOnceTheAnswerHasBeenGiven() throws Exception {
        try (OpenTransaction placed = OpenTransaction.begin(database, PLACING)) {
            Future<UUID> run = run();
            awaitSession(FENCE_WAITS);

            assertNothingGoesAfter(resource.stopped("why", "test"), placed, run);
        }
    }

    @Test
    void neitherDoesAWindowBehindAnother() throws Exception {
        assumeNotPostgres13();
        database.execute("create function hold_up() returns trigger language plpgsql as $$ begin"
                + " if current_query() like '%run-advance%cleanup_switch%' then perform pg_advisory_xact_lock(" + GATE
                + "); end if; return null; end $$;"
                + " create trigger hold_up before update on caretaker.cleanup_run execute function hold_up()");
        try (OpenTransaction machine = OpenTransaction.begin(database, "select pg_advisory_xact_lock(" + GATE + ")")) {
            Future<UUID> run = run();
            awaitSession("wait_event = 'advisory' and query like '%run-advance%'");

            assertNothingGoesAfter(resource.stopped("why", "test"), machine, run);
        }
    }

    /** It may learn of the stop only when that is over. */
    @Test
    void goesOnWhereCleanUpWasReleasedMeanwhile() throws Exception {
        Future<UUID> run;
        try (OpenTransaction placed = OpenTransaction.begin(database, PLACING)) {
            run = run();
            awaitSession(FENCE_WAITS);
            resource.stopped("why", "test");
            resource.change(false, "", "test");

            placed.commit();
        }
        assertThat(run(run.get(60, TimeUnit.SECONDS), "state || ' ' || rows_deleted"))
                .isEqualTo("completed 2000");
    }
}
