package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.breaker.RunHistoryRepository;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.cleanup.run.RunOpening;
import io.pgcaretaker.cleanup.run.RunRepository;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingConsumer;

/** Runs that deleted something are kept for ever: what is asked every few seconds does not read them all. */
class RunsOfYearsDbTest extends CleanupDbTest {

    private static final int RUNS = 30_000;

    private final Items items = new Items(database);
    private final TestWorker worker = items.worker("P7D");

    @BeforeEach
    void longAgo() {
        items.addExpired(10);
        worker.runNow("old-items");
        database.execute("""
                insert into caretaker.cleanup_run
                  (policy, policy_hash, mode, trigger, slot, state, cutoff, tables, rows_matched, rows_deleted, stop_reason, requested_by,
                   retention, filter, terms, breaker_passed_at, created_at, started_at, finished_at)
                select policy, policy_hash, mode, 'schedule', at, state, at, tables, 1, 1, stop_reason, requested_by,
                  retention, filter, terms, at, at, at, at
                from caretaker.cleanup_run,
                  lateral (select clock_timestamp() - n * interval '1 hour' as at from generate_series(1, %d) as n) as hours
                """.formatted(RUNS));
        database.execute("analyze caretaker.cleanup_run");
    }

    @Test
    void areNotReadToSeeWhetherTheSlotHasHadItsRun() {
        readsFew(session -> new RunOpening().isDue(session, worker.policy("old-items")));
    }

    @Test
    void areNotReadToSeeWhenTheyWere() {
        readsFew(session -> new RunHistoryRepository().times(session, "old-items", Mode.ENFORCE, Optional.empty()));
    }

    @Test
    void areNotReadToSeeWhatTheyDid() {
        ArmedPolicy armed = ((Readiness.Armed) worker.check("old-items")).policy();

        readsFew(session -> new RunHistoryRepository().history(session, armed, worker.policies, Optional.empty()));
    }

    /** Each that is to go is asked for a later one that passed the breakers. */
    @Test
    void areNotReadForEachThatAgesOut() {
        database.execute("update caretaker.cleanup_run set ledger_seq = 1 where created_at not between"
                + " clock_timestamp() - interval '100 days' and clock_timestamp() - interval '90 days'");
        // They lie in the order in which they were begun.
        database.execute("create index in_order on caretaker.cleanup_run (created_at);"
                + " cluster caretaker.cleanup_run using in_order; drop index caretaker.in_order;"
                + " analyze caretaker.cleanup_run");

        long read = read(session -> assertThat(new RunRepository().tidy(session, Duration.ofDays(90), 5_000))
                .isBetween(239, 241));

        assertThat(read).as("once through all, and a few for each").isLessThan(3 * RUNS);
    }

    private void readsFew(ThrowingConsumer<Session> ask) {
        assertThat(read(ask)).isLessThan(RUNS / 100);
    }

    /** Rows of runs. */
    private long read(ThrowingConsumer<Session> ask) {
        return worker.transactions.run("test.runs", session -> {
            try {
                ask.accept(session);
            } catch (SQLException | RuntimeException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
            return session.first(Sql.of("""
                            select /* caretaker.test.read */ seq_tup_read + idx_tup_fetch
                            from pg_stat_xact_user_tables
                            where relid = 'caretaker.cleanup_run'::regclass
                            """), row -> row.getLong(1)).orElseThrow();
        });
    }
}
