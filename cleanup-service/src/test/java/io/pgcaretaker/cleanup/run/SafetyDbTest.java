package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.SampleRows;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerAudit;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keeps a wrong policy, a wrong hand or a wrong clock from deleting. */
class SafetyDbTest {

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.createMigrated();

    @BeforeEach
    void makeItems() {
        database.execute("create table items (id bigint primary key, at timestamptz)");
        database.execute("create index items_at on items (at, id)");
    }

    /** So many more that are older than nine days. */
    private void addExpired(int rows) {
        database.execute("insert into items select (select coalesce(max(id), 0) from items) + n,"
                + " now() - interval '9 days' from generate_series(1, " + rows + ") as n");
        database.execute("analyze items");
    }

    private TestWorker worker(String retention) throws Exception {
        Path file = folder.resolve("policies.yaml");
        Files.writeString(file, """
                policies:
                  - name: old-items
                    table: items
                    age: { column: at, means: event }
                    retention: %s
                    every: PT1H
                    limits: { max-rows: 1000000, max-fraction: 1 }
                """.formatted(retention));
        return new TestWorker(database, Map.of("policies-file", file.toString()));
    }

    private String run(UUID id, String columns) throws Exception {
        return SampleRows.texts(database, "select " + columns + " from caretaker.cleanup_run where id = '" + id + "'")
                .first();
    }

    /** A cast to the column's own type would cut them, or round them, to the value that is there. */
    @ParameterizedTest
    @CsvSource({"varchar(3), abc, abcd", "char(3), abc, abcd", "'numeric(4,1)', 1.5, 1.46", "bit(3), 101, 1011"})
    void aValueThatDoesNotFitItsColumnIsNotCutToOneThatDoes(String type, String there, String filter) throws Exception {
        addExpired(5);
        database.execute("alter table items add kind " + type + "; update items set kind = '" + there + "'");
        TestWorker worker = worker("P7D\n    filter: [ { column: kind, in: ['" + filter + "'] } ]");

        UUID none = worker.runNow("old-items");
        UUID all = worker("P7D\n    filter: [ { column: kind, in: ['" + filter + "', '" + there + "'] } ]")
                .runNow("old-items");

        assertThat(run(none, "state || ' ' || rows_deleted")).isEqualTo("completed 0");
        assertThat(run(all, "state || ' ' || rows_deleted")).isEqualTo("completed 5");
    }

    /** The newest tells the next run what was applied. */
    @Test
    void runsThatDeletedNothingAgeOutAndTheOthersStay() throws Exception {
        TestWorker worker = worker("P7D");
        addExpired(5);
        UUID deleting = worker.runNow("old-items");
        UUID idle = worker.runNow("old-items");
        UUID newest = worker.runNow("old-items");
        database.execute("update caretaker.cleanup_run set created_at = created_at - interval '91 days'");

        int gone = worker.transactions.run(
                "test.tidy", session -> worker.runs.tidy(session, java.time.Duration.ofDays(90), 10));

        assertThat(gone).isEqualTo(1);
        assertThat(run(deleting, "rows_deleted")).isEqualTo("5");
        assertThat(run(newest, "state")).isEqualTo("completed");
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_run where id = '" + idle + "'"))
                .isZero();
    }

    /** The window opened two hours ago or opens in two: a run outside of it waits, and nothing goes. */
    @Test
    void outsideOfItsWindowARunWaitsForTheNextOne() throws Exception {
        addExpired(10);
        Path file = folder.resolve("window.yaml");
        java.time.LocalTime now = java.time.LocalTime.now(java.time.ZoneOffset.UTC);
        Files.writeString(file, """
                policies:
                  - name: old-items
                    table: items
                    age: { column: at, means: event, zone: UTC }
                    retention: P7D
                    every: PT1H
                    window: %tR-%tR
                    limits: { max-rows: 1000000, max-fraction: 1 }
                """.formatted(now.plusHours(2), now.plusHours(4)));
        TestWorker worker = new TestWorker(database, Map.of("policies-file", file.toString()));

        UUID id = worker.runNow("old-items");

        assertThat(items()).isEqualTo(10);
        assertThat(run(
                        id,
                        "state || ' ' || throttle || ' ' || (not_before > now() + interval '1 hour')"
                                + " || ' ' || (not_before < now() + interval '3 hours')"))
                .isEqualTo("waiting outside-window true true");

        worker.worker.work();
        assertThat(items()).as("nobody claims it before").isEqualTo(10);
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceAll("window: .*", "window: %tR-%tR".formatted(now.minusHours(2), now.plusHours(2))));
        TestWorker open = new TestWorker(database, Map.of("policies-file", file.toString()));
        database.execute("delete from caretaker.cleanup_run");
        open.runNow("old-items");

        assertThat(items()).isZero();
    }

    private long items() {
        return database.queryLong("select count(*) from items");
    }

    @Test
    void theFirstEnforcedRunBeginsWithAHundredRows() throws Exception {
        addExpired(5_000);

        UUID first = worker("P7D").runNow("old-items");

        assertThat(run(first, "state || ' ' || rows_deleted")).isEqualTo("completed 5000");
        assertThat(database.queryLong("select rows from caretaker.cleanup_ledger where seq = 1"))
                .isEqualTo(100);
        addExpired(5_000);
        UUID second = worker("P7D").runNow("old-items");
        // Windows of rows, all that PostgreSQL 13 has, begin with a hundred in any case.
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_ledger l"
                        + " join caretaker.cleanup_run r on r.id = l.run_id and r.strategy = 'block-ranges'"
                        + " where l.seq = 1 and l.rows = 100 and r.id = '" + second + "'"))
                .isZero();
    }

    @Test
    void aCanaryThatTakesOtherRowsThanWerePickedIsRolledBack() throws Exception {
        addExpired(5_000);
        // Something of the application's puts rows back while they go.
        database.execute("create function back() returns trigger language plpgsql as $$"
                + " begin insert into items values (old.id, old.at); return null; end $$");
        database.execute("create trigger back after delete on items for each row execute function back()");
        Path file = folder.resolve("policies.yaml");
        Files.writeString(file, """
                policies:
                  - name: old-items
                    table: items
                    age: { column: at, means: event }
                    retention: P7D
                    every: PT1H
                    triggers: [ back ]
                    limits: { max-rows: 1000000, max-fraction: 1 }
                """);

        UUID id = new TestWorker(database, Map.of("policies-file", file.toString())).runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted"))
                .isEqualTo("failed canary 0");
        assertThat(items()).isEqualTo(5_000);
    }

    @Test
    void theKillSwitchStopsEveryRunAndLosesNone() throws Exception {
        addExpired(5_000);
        database.execute("update caretaker.cleanup_switch set stopped = true");
        TestWorker worker = worker("P7D");

        UUID id = worker.runNow("old-items");
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("waiting 0");

        database.execute("update caretaker.cleanup_switch set stopped = false");
        Claimed claimed = worker.transactions
                .run("test.claim", session -> worker.runs.claim(session, UUID.randomUUID(), Duration.ofMinutes(1)))
                .orElseThrow();
        database.execute("update caretaker.cleanup_switch set stopped = true");
        worker.engine().execute(claimed);
        assertThat(run(id, "state || ' ' || rows_deleted || ' ' || throttle"))
                .as("stopped amid the run")
                .isEqualTo("running 0 kill-switch");
        assertThat(items()).isEqualTo(5_000);

        database.execute("update caretaker.cleanup_switch set stopped = false");
        worker.worker.work();
        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(throttle, '')"))
                .isEqualTo("completed 5000");
    }

    @Test
    void aShorterRetentionWaitsUntilSomebodyConfirmsIt() throws Exception {
        addExpired(1);
        worker("P7D").runNow("old-items");
        addExpired(10);

        TestWorker shorter = worker("P2D");
        UUID id = shorter.runNow("old-items");
        assertThat(run(id, "state || ' ' || stop_reason || ' ' || stop_detail"))
                .startsWith("needs-approval retention-shortened the retention was P7D and is P2D");
        assertThat(items()).isEqualTo(10);

        shorter.requests.approve(id, 10, "boss");
        shorter.worker.work();
        assertThat(run(id, "state")).isEqualTo("completed");
        addExpired(10);
        assertThat(run(shorter.runNow("old-items"), "state"))
                .as("it is the retention now")
                .isEqualTo("completed");
        addExpired(10);
        assertThat(run(worker("P8D").runNow("old-items"), "state"))
                .as("longer is no harm")
                .isEqualTo("completed");
    }

    @Test
    void anApprovalAtTheMomentThatASlotOpensIsAConflict() throws Exception {
        addExpired(1);
        worker("P7D").runNow("old-items");
        addExpired(10);
        TestWorker shorter = worker("P2D");
        UUID id = shorter.runNow("old-items");
        try (Connection slot = database.connect();
                Statement statement = slot.createStatement()) {
            slot.setAutoCommit(false);
            statement.execute(
                    "insert into caretaker.cleanup_run (policy, policy_hash, mode, trigger, slot, requested_by)"
                            + " values ('old-items', '', 'enforce', 'schedule', now(), 'schedule')");
            CompletableFuture<RunRequests.Outcome> approval =
                    CompletableFuture.supplyAsync(() -> shorter.requests.approve(id, 10, "boss"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> database.queryLong("select count(*) from pg_locks where not granted") > 0
                            || approval.isDone());
            slot.commit();

            assertThat(approval.get()).isEqualTo(new RunRequests.Outcome.WrongState("needs-approval"));
        }
        assertThat(run(id, "state")).isEqualTo("needs-approval");
    }

    @Test
    void farMoreRowsThanEverWaitForAnApproval() throws Exception {
        TestWorker worker = worker("P7D");
        for (int i = 0; i < 5; i++) {
            addExpired(150);
            assertThat(run(worker.runNow("old-items"), "state")).isEqualTo("completed");
        }
        addExpired(2_000);

        UUID id = worker.runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason")).isEqualTo("needs-approval breaker-drift");
        assertThat(items()).isEqualTo(2_000);
    }

    /** The planner takes a text for 32 bytes as long as it has seen none: many more rows than there are. */
    @Test
    void aLargeTableThatWasNeverAnalyzedIsMeasuredAndNotGuessed() throws Exception {
        database.execute("drop table items");
        database.execute(
                "create table items (id bigint primary key, at timestamptz, text text) with (autovacuum_enabled = false)");
        database.execute("alter table items alter text set storage plain");
        database.execute("create index items_at on items (at, id)");
        database.execute("insert into items select n, now() - interval '9 days', repeat('x', 1500)"
                + " from generate_series(1, 50000) as n");
        Path file = folder.resolve("fraction.yaml");
        Files.writeString(file, """
                policies:
                  - name: old-items
                    table: items
                    age: { column: at, means: event }
                    retention: P7D
                    every: PT1H
                    limits: { max-rows: 1000000, max-fraction: 0.9 }
                """);

        UUID id = new TestWorker(database, Map.of("policies-file", file.toString())).runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason")).isEqualTo("needs-approval breaker-fraction");
        assertThat(items()).isEqualTo(50_000);
    }

    @Test
    void aRunThatRestsNoticesThatItIsPaused() throws Exception {
        addExpired(50_000);
        Path file = folder.resolve("policies.yaml");
        worker("P7D");
        TestWorker slow = new TestWorker(database, Map.of("policies-file", file.toString(), "rows-per-second", "1"));
        CompletableFuture<UUID> run = CompletableFuture.supplyAsync(() -> slow.runNow("old-items"));
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> database.queryLong(
                                "select count(*) from caretaker.cleanup_run where throttle = 'budget' and rows_deleted > 0")
                        == 1);

        slow.requests.pause(UUID.fromString(SampleRows.texts(database, "select id from caretaker.cleanup_run")
                .first()));

        // Hundreds of rows at one a second: it would rest for minutes.
        UUID id = run.get(20, TimeUnit.SECONDS);
        assertThat(run(id, "state")).isEqualTo("paused");
        assertThat(items()).isPositive();
    }

    @Test
    void aLedgerThatWasChangedIsFound() throws Exception {
        addExpired(300);
        worker("P7D").runNow("old-items");
        LedgerAudit audit = new LedgerAudit(new Transactions(database.source()), new LedgerRepository());
        assertThat(audit.verify().intact()).isTrue();

        // As a superuser can: the trigger away, the line changed, the trigger back.
        for (String tampering : new String[] {
            "update caretaker.cleanup_ledger set rows = rows - 1 where seq = 1",
            "delete from caretaker.cleanup_ledger where seq = 1",
            "update caretaker.cleanup_ledger set archive = 'other' where seq = 1"
        }) {
            TestDatabase other = tampered(tampering);
            LedgerAudit.Verdict verdict =
                    new LedgerAudit(new Transactions(other.source()), new LedgerRepository()).verify();
            assertThat(verdict.intact()).as(tampering).isFalse();
            assertThat(verdict.faults()).as(tampering).isNotEmpty();
        }
    }

    /** The ledger as it was, with one thing done to it. */
    private TestDatabase tampered(String sql) {
        database.execute("create table if not exists kept as select * from caretaker.cleanup_ledger");
        database.execute("alter table caretaker.cleanup_ledger disable trigger all;"
                + " delete from caretaker.cleanup_ledger; insert into caretaker.cleanup_ledger select * from kept;"
                + sql
                + "; alter table caretaker.cleanup_ledger enable trigger all");
        return database;
    }
}
