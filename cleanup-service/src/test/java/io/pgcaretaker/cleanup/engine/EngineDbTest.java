package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.database.InterceptedSessions;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The engine on one small table: replicas, fences, breakers, locks, clocks. */
class EngineDbTest extends CleanupDbTest {

    @BeforeEach
    void makeNotes() {
        database.execute("create table notes (id bigint primary key, made_at timestamptz)");
        database.execute("create index notes_made_at on notes (made_at, id)");
        // 1..1000 expired, a thousand of them at one and the same time for 501..1000; 1001..2000 not.
        database.execute(
                "insert into notes select n, case when n <= 500 then now() - interval '2 days' - n * interval '1 second'"
                        + " when n <= 1000 then now() - interval '3 days' else now() end from generate_series(1, 2000) as n");
        database.execute("insert into notes values (3001, null), (3002, 'infinity'), (3003, '-infinity'),"
                + " (3004, now() + interval '1 year')");
        database.execute("analyze notes");
    }

    private TestWorker worker(Map<String, String> settings, long maxRows, double maxFraction) {
        return worker(settings, maxRows, maxFraction, Clock.systemUTC());
    }

    private TestWorker worker(Map<String, String> settings, long maxRows, double maxFraction, Clock clock) {
        TestPolicy policy =
                TestPolicy.of("old-notes", "notes", "P1D").age("made_at").limits(maxRows, maxFraction);
        return new TestWorker(database, policy.settings(settings), clock);
    }

    private long left() {
        return database.queryLong("select count(*) from notes where id <= 1000");
    }

    private long others() {
        return database.queryLong("select count(*) from notes where id > 1000");
    }

    @Test
    void whatHasNoAgeOrAnEndlessOneOrAFutureOneStays() throws Exception {
        worker(Map.of(), 5000, 1).runNow("old-notes");

        assertThat(left()).isZero();
        assertThat(others()).isEqualTo(1004);
    }

    @Test
    void replicasOnOneSlotMakeOneRun() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            Future<?>[] ticks = new Future<?>[3];
            for (int i = 0; i < 3; i++) {
                TestWorker replica = worker(Map.of(), 5000, 1);
                ticks[i] = threads.submit(() -> replica.worker.tick());
            }
            for (Future<?> tick : ticks) {
                tick.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_run"))
                .isEqualTo(1);
        assertThat(database.queryLong("select rows_deleted from caretaker.cleanup_run"))
                .isEqualTo(1000);
        assertThat(left()).isZero();
    }

    @Test
    void whoLostTheLeaseCanWriteNothingAndTheNextGoesOnAtTheCursor() throws Exception {
        TestWorker paused = worker(Map.of(), 5000, 1);
        UUID id = paused.begin("old-notes");
        Claimed stale = paused.claim(Duration.ofMillis(-1)).orElseThrow();
        TestWorker next = worker(Map.of(), 5000, 1);
        Claimed fresh = next.claim(Duration.ofSeconds(60)).orElseThrow();

        assertThat(fresh.id()).isEqualTo(stale.id());
        assertThat(fresh.fence()).isGreaterThan(stale.fence());
        paused.engine().execute(stale);
        assertThat(left()).isEqualTo(1000);
        assertThat(run(id, "state")).isEqualTo("running");

        next.engine().execute(fresh);
        assertThat(left()).isZero();
        assertThat(run(id, "state")).isEqualTo("completed");
    }

    @Test
    void breakerTripsBeforeTheFirstRowAndAnApprovalLetsItThrough() throws Exception {
        for (TestWorker tight : new TestWorker[] {worker(Map.of(), 0, 1), worker(Map.of(), 999, 1)}) {
            UUID id = tight.runNow("old-notes");
            assertThat(run(id, "state || ' ' || stop_reason")).isEqualTo("needs-approval breaker-rows");
        }
        TestWorker tight = worker(Map.of(), 5000, 0.4);
        UUID id = tight.runNow("old-notes");
        assertThat(run(id, "state || ' ' || stop_reason")).isEqualTo("needs-approval breaker-fraction");
        assertThat(left()).isEqualTo(1000);
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_run where stop_reason = 'superseded'"))
                .isEqualTo(2);

        tight.requests.approve(id, 500, "boss");
        tight.worker.work();
        assertThat(run(id, "state")).isEqualTo("needs-approval");
        tight.requests.approve(id, 1000, "boss");
        tight.worker.work();

        assertThat(run(id, "state || ' ' || approved_by")).isEqualTo("completed boss");
        assertThat(left()).isZero();
        assertThat(others()).isEqualTo(1004);
    }

    @Test
    void rowsThatTheApplicationHasLockedAreLeftAndTakenByTheNextRun() throws Exception {
        TestWorker worker = worker(Map.of("lock-timeout", "5ms"), 5000, 1);
        try (OpenTransaction application =
                OpenTransaction.begin(database, "select 1 from notes where id in (7, 700) for update")) {
            UUID id = worker.runNow("old-notes");

            assertThat(left()).isEqualTo(2);
            assertThat(run(id, "state || ' ' || rows_skipped")).isEqualTo("completed 2");
            application.rollback();
        }
        worker.runNow("old-notes");
        assertThat(left()).isZero();
    }

    @Test
    void aRunThatIsPausedGoesOnWhenItIsResumedAndACancelledOneDoesNot() throws Exception {
        TestWorker worker = worker(Map.of(), 5000, 1);
        UUID id = worker.begin("old-notes");
        Claimed claimed = worker.claim(Duration.ofSeconds(60)).orElseThrow();
        worker.requests.pause(id, "ops");

        worker.engine().execute(claimed);
        assertThat(left()).isEqualTo(1000);
        assertThat(run(id, "state || ', ' || stop_detail")).isEqualTo("paused, paused by ops");
        worker.requests.resume(id);
        worker.worker.work();
        assertThat(left()).isZero();

        UUID other = worker.begin("old-notes");
        worker.requests.pause(other, "ann");
        worker.requests.cancel(other, "ops");
        worker.worker.work();
        assertThat(run(other, "state || ' ' || stop_reason || ', ' || stop_detail"))
                .isEqualTo("cancelled cancelled, by ops; paused by ann");
    }

    @Test
    void aClockThatCannotBeRightDeletesNothing() throws Exception {
        TestWorker skewed = worker(Map.of(), 5000, 1, Clock.offset(Clock.systemUTC(), Duration.ofHours(2)));

        UUID id = skewed.runNow("old-notes");

        assertThat(run(id, "state || ' ' || stop_reason")).isEqualTo("refused clock-skew");
        assertThat(left()).isEqualTo(1000);
    }

    @Test
    void anotherPolicyThanTheRunBeganWithEndsIt() throws Exception {
        TestWorker before = worker(Map.of(), 5000, 1);
        UUID id = before.begin("old-notes");

        worker(Map.of(), 4000, 1).worker.work();

        assertThat(run(id, "state || ' ' || stop_reason")).isEqualTo("cancelled policy-changed");
        assertThat(left()).isEqualTo(1000);
    }

    @Test
    void aServiceThatStopsHandsItsRunOver() throws Exception {
        TestWorker stopping = worker(Map.of(), 5000, 1);
        UUID id = stopping.begin("old-notes");
        Claimed claimed = stopping.claim(Duration.ofSeconds(60)).orElseThrow();
        stopping.stop.stop();
        stopping.engine().execute(claimed);
        assertThat(run(id, "state")).isEqualTo("running");

        worker(Map.of(), 5000, 1).worker.work();

        assertThat(run(id, "state")).isEqualTo("completed");
        assertThat(left()).isZero();
    }

    /** Past all that has just gone, counting may take far longer than before. */
    @Test
    @Timeout(60)
    void aRunEndsThoughWhatIsLeftCannotBeCountedInTime() throws Exception {
        TestPolicy policy = TestPolicy.of("old-notes", "notes", "P1D").age("made_at");
        TestWorker worker = new TestWorker(
                failing("cleanup.count */", 2), policy.settings(Map.of("lock-timeout", "5ms")), Clock.systemUTC());
        try (OpenTransaction application =
                OpenTransaction.begin(database, "select 1 from notes where id = 700 for update")) {
            UUID id = worker.runNow("old-notes");

            assertThat(run(id, "state || ' ' || phase || ' ' || rows_deleted || ' ' || stop_detail"))
                    .isEqualTo("completed second-pass 999 rows may have stayed, too many to be counted in time;"
                            + " the next run tries them again");
            application.rollback();
        }
    }

    /** Whoever has deleted millions of rows finds the oldest behind all of them, and need not know where it lies. */
    @Test
    void whereTheRowsLieIsNotWorthTheRun() throws Exception {
        database.execute("create table logs (id bigint primary key, at timestamptz);"
                + " insert into logs select n, now() - interval '1 day' * (6 - n / 1000) from generate_series(1, 5000) as n;"
                + " create index logs_at on logs (at, id)");
        database.execute("vacuum analyze logs");
        TestWorker worker = new TestWorker(
                failing("cleanup.ends */", 1),
                TestPolicy.of("old-logs", "logs", "P3D").settings(),
                Clock.systemUTC());

        UUID id = worker.runNow("old-logs");

        assertThat(run(id, "state || coalesce(stop_detail, '') || ' ' || (rows_deleted > 1000)"))
                .isEqualTo("completed true");
    }

    /** One of these statements does not come to its end in time, nor does any after it. */
    private DataSource failing(String words, int nth) {
        AtomicInteger statements = new AtomicInteger();
        return InterceptedSessions.beforeStatement(database.source(), words, (session, method, statement) -> {
            if (statements.incrementAndGet() >= nth) {
                throw new SQLException("canceling statement due to statement timeout", "57014");
            }
        });
    }

    /** Several would be felt by everybody else for as long as they count, before the first rest. */
    @Test
    void aRunThatRestsIsCountedByOneProcess() throws Exception {
        assumeThat(serverVersion()).as("it counts them").isGreaterThanOrEqualTo(180_000);
        // The table itself is counted before, by several each time: it is small.
        database.execute("alter table notes set (parallel_workers = 2)");
        TestDatabase copy = database.copy();

        assertThat(parallelWorkers(copy, "0")).isGreaterThan(parallelWorkers(database, "0.1"));
    }

    /** How many a run took; what a session has counted is told when it ends. */
    private static long parallelWorkers(TestDatabase database, String nice) {
        for (String cost : List.of("parallel_setup_cost", "parallel_tuple_cost")) {
            database.execute(
                    "do $$ begin execute format('alter database %I set " + cost + " = 0', current_database()); end $$");
        }
        TestPolicy policy = TestPolicy.of("old-notes", "notes", "P1D").age("made_at");
        new TestWorker(database, policy.settings(Map.of("nice", nice))).runNow("old-notes");
        assertThat(database.queryLong("select count(*) from notes where id <= 1000"))
                .isZero();
        String others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
        database.execute("do $$ begin perform pg_terminate_backend(pid) " + others + "; end $$");
        Awaitility.await().until(() -> database.queryLong("select count(*) " + others) == 0);
        return database.queryLong(
                "select parallel_workers_launched from pg_stat_database where datname = current_database()");
    }
}
