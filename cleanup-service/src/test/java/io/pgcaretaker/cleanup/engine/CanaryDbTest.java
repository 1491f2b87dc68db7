package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first enforced rows of a policy. */
class CanaryDbTest extends CleanupDbTest {

    private final Items items = new Items(database);

    @Test
    void theFirstEnforcedRunBeginsWithAHundredRows() throws Exception {
        items.addExpired(5_000);

        UUID first = items.worker("P7D").runNow("old-items");

        assertThat(run(first, "state || ' ' || rows_deleted")).isEqualTo("completed 5000");
        assertThat(database.queryLong("select rows from caretaker.cleanup_ledger where seq = 1"))
                .isEqualTo(100);
        items.addExpired(5_000);
        UUID second = items.worker("P7D").runNow("old-items");
        // Windows of rows, all that PostgreSQL 13 has, begin with a hundred in any case.
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_ledger l"
                        + " join caretaker.cleanup_run r on r.id = l.run_id and r.strategy = 'block-ranges'"
                        + " where l.seq = 1 and l.rows = 100 and r.id = '" + second + "'"))
                .isZero();
    }

    @Test
    void aCanaryThatTakesOtherRowsThanWerePickedIsRolledBack() throws Exception {
        items.addExpired(5_000);
        // Something of the application's puts rows back while they go.
        trigger("after", "row", "insert into items values (old.id, old.at)");

        UUID id = worker(Map.of()).runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted"))
                .isEqualTo("failed canary 0");
        assertThat(items.count()).isEqualTo(5_000);
    }

    /** At the end of the transaction, behind the canary's look; of all rows, or of some. */
    @ParameterizedTest
    @ValueSource(strings = {"true", "old.id % 3 = 0"})
    void soIsOneWhoseRowsComeBackWithTheCommit(String which) throws Exception {
        items.addExpired(5_000);
        database.execute("create function act() returns trigger language plpgsql as $$ begin if " + which
                + " then insert into items values (old.id, old.at); end if; return old; end $$");
        database.execute("create constraint trigger act after delete on items deferrable initially deferred"
                + " for each row execute function act()");

        UUID id = worker(Map.of()).runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted"))
                .isEqualTo("failed canary 0");
        assertThat(items.count()).isEqualTo(5_000);
    }

    /** It is nobody's fault: between the canary's look and its statement the application let a row go. */
    @ParameterizedTest
    @ValueSource(ints = {50, 300})
    void aRowThatIsUnlockedMeanwhileIsNoReasonForAnAlarm(int rows) throws Exception {
        items.addExpired(rows);
        trigger("before", "statement", "perform pg_advisory_xact_lock(42)");
        TestWorker worker = worker(Map.of("lock-timeout", "30s", "statement-timeout", "30s"));
        try (OpenTransaction gate = OpenTransaction.begin(database, "select pg_advisory_xact_lock(42)");
                OpenTransaction application =
                        OpenTransaction.begin(database, "select 1 from items where id = 1 for update")) {
            CompletableFuture<UUID> run = CompletableFuture.supplyAsync(() -> worker.runNow("old-items"));
            awaitSession("wait_event = 'advisory'");

            application.rollback();
            gate.rollback();

            assertThat(run(run.get(60, TimeUnit.SECONDS), "state || ' ' || rows_deleted"))
                    .isEqualTo("completed " + rows);
        }
    }

    /** What a policy is about may be another table, or another column. */
    @Test
    void soDoesTheFirstRunOfAPolicyThatWasChanged() throws Exception {
        items.addExpired(5_000);
        items.worker("P7D").runNow("old-items");
        items.addExpired(5_000);

        UUID changed = items.worker("P8D").runNow("old-items");

        assertThat(database.queryLong(
                        "select rows from caretaker.cleanup_ledger where seq = 1 and run_id = '" + changed + "'"))
                .isEqualTo(100);
    }

    @Test
    void aCanaryWhoseSessionIsEndedIsTakenAgain() throws Exception {
        items.addExpired(5_000);
        trigger("before", "statement", "perform pg_advisory_xact_lock(42)");
        TestWorker worker = worker(Map.of("lock-timeout", "30s", "statement-timeout", "30s"));
        UUID id;
        try (OpenTransaction gate = OpenTransaction.begin(database, "select pg_advisory_xact_lock(42)")) {
            CompletableFuture<UUID> run = CompletableFuture.supplyAsync(() -> worker.runNow("old-items"));
            awaitSession("wait_event = 'advisory'");
            database.queryLong("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                    + " where datname = current_database() and wait_event = 'advisory'");
            id = run.get(60, TimeUnit.SECONDS);
            gate.rollback();
        }
        assertThat(run(id, "state || ' ' || phase || ' ' || rows_deleted")).isEqualTo("running canary 0");
        database.execute("update caretaker.cleanup_run set lease_until = clock_timestamp()");

        worker.worker.work();

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 5000");
        assertThat(database.queryLong("select rows from caretaker.cleanup_ledger where seq = 1"))
                .isEqualTo(100);
    }

    /** A row that takes longer than a statement may: the policy's first rows are not looked at, so none goes. */
    @ParameterizedTest
    @ValueSource(ints = {300, 5_000})
    void aCanaryThatCannotBeTakenInTimeEndsTheRun(int rows) throws Exception {
        items.addExpired(rows);
        trigger("before", "row", "if old.id = 1 then perform pg_sleep(60); end if");
        TestWorker worker = worker(Map.of("statement-timeout", "100ms"));

        CompletableFuture<UUID> run = CompletableFuture.supplyAsync(() -> worker.runNow("old-items"));

        try {
            assertThat(run(run.get(60, TimeUnit.SECONDS), "state || ' ' || stop_reason || ' ' || rows_deleted"))
                    .isEqualTo("failed database-error 0");
        } finally {
            worker.stop.stop();
        }
    }

    private void trigger(String when, String each, String what) {
        database.execute(
                "create function act() returns trigger language plpgsql as $$ begin " + what + "; return old; end $$");
        database.execute(
                "create trigger act " + when + " delete on items for each " + each + " execute function act()");
    }

    private TestWorker worker(Map<String, String> settings) {
        return new TestWorker(
                database, Items.policy("P7D").with("triggers", "[ act ]").settings(settings));
    }
}
