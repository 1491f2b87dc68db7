package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.plan.StrategyPolicy;
import io.pgcaretaker.cleanup.statement.Cursor;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How far a run has come: written by its owner alone, each write with the fence. */
public final class RunProgress {

    /**
     * How a run begins once the breaker let it through.
     *
     * @param canary a few rows first
     */
    public record Beginning(
            long matched,
            StrategyPolicy.Choice choice,
            @Nullable Cursor cursor,
            boolean canary,
            String retention,
            String filter,
            String terms) {
        public Claimed.Phase phase() {
            return canary ? Claimed.Phase.CANARY : Claimed.Phase.FIRST_PASS;
        }
    }

    /** False: the run is not ours any more. */
    public boolean begin(Session session, Claimed run, Beginning beginning) throws SQLException {
        return session.update(Sql.of(
                                """
                /* caretaker.cleanup.run-breaker-passed */
                update caretaker.cleanup_run
                set breaker_passed_at = clock_timestamp(),
                    rows_matched = ?,
                    strategy = ?,
                    strategy_reason = ?,
                    retention = ?,
                    filter = cast(? as jsonb),
                    terms = cast(? as jsonb),
                    phase = ?,
                    cursor = cast(nullif(?, '') as jsonb)
                where id = cast(? as uuid)
                  and fence = ?
                """,
                                beginning.matched(),
                                beginning.choice().strategy().wireName(),
                                beginning.choice().reason(),
                                beginning.retention(),
                                beginning.filter(),
                                beginning.terms(),
                                beginning.phase().wireName(),
                                RunJson.write(beginning.cursor()),
                                run.id().toString(),
                                run.fence())
                        .plannedOnce())
                == 1;
    }

    /** Of a run that does not begin: on which terms it only counted what would go tells the next one. False: it is not ours any more. */
    public boolean keepTerms(Session session, Claimed run, Beginning beginning) throws SQLException {
        return session.update(Sql.of("""
                        /* caretaker.cleanup.run-terms */
                        update caretaker.cleanup_run
                        set terms = cast(? as jsonb)
                        where id = cast(? as uuid)
                          and fence = ?
                        """, beginning.terms(), run.id().toString(), run.fence())) == 1;
    }

    /** What a batch has done: the position and the counters, in the transaction of the deletes. */
    public record Step(
            @Nullable Cursor cursor,
            Map<String, Long> tables,
            long deleted,
            int units,
            int ledgerSeq,
            @Nullable String ledgerHash,
            Duration lease) {}

    /** What else must hold for a step to be made. */
    public enum Guard {
        /** The run's row is locked: nobody has moved it. */
        NONE,
        /** The run still stands where it did, and is to go on: the row was not locked. */
        STILL_THERE
    }

    /**
     * Changes no row where the guard does not hold. The canary's own step ends its phase: the cursor stays at the beginning. How long its transaction was is kept with it:
     * whoever ends the run meanwhile takes the fence away, and later there is no telling.
     */
    public Sql advance(Claimed run, Claimed.Position from, Step step, Guard guard) {
        Sql advance = Sql.of(
                """
                /* caretaker.cleanup.run-advance */
                update caretaker.cleanup_run
                set phase = case phase when 'canary' then 'first-pass' else phase end,
                    cursor = cast(nullif(?, '') as jsonb),
                    tables = cast(? as jsonb),
                    rows_deleted = rows_deleted + ?,
                    batches = batches + 1,
                    batch_rows = ?,
                    longest_batch_ms = greatest(longest_batch_ms,
                      ceil(1000 * extract(epoch from clock_timestamp() - transaction_timestamp()))::bigint),
                    ledger_seq = ?,
                    ledger_hash = nullif(?, ''),
                    throttle = null,
                    lease_until = clock_timestamp() + ? * interval '1 millisecond'
                where id = cast(? as uuid)
                  and fence = ?
                """,
                RunJson.write(step.cursor()),
                RunJson.json(step.tables()),
                step.deleted(),
                step.units(),
                step.ledgerSeq(),
                step.ledgerHash() == null ? "" : step.ledgerHash(),
                step.lease().toMillis(),
                run.id().toString(),
                run.fence());
        Sql guarded = guard == Guard.NONE
                ? advance
                : Sql.format("%s%s", advance, Sql.of("""
                  and state = 'running'
                  and cursor = cast(? as jsonb)
                  and ledger_seq = ?
                  and not halted
                  and exists (select 1 from caretaker.cleanup_switch where not stopped)
                """, RunJson.write(from.cursor()), from.ledgerSeq()));
        return guarded.plannedOnce();
    }

    /** Keeps the longest transaction so far. */
    public void longest(Session session, Claimed run, Duration longest) throws SQLException {
        session.update(Sql.of("""
                /* caretaker.cleanup.run-longest */
                update caretaker.cleanup_run
                set longest_batch_ms = greatest(longest_batch_ms, ?)
                where id = cast(? as uuid)
                  and fence = ?
                """, longest.toMillis(), run.id().toString(), run.fence()));
    }

    /** Says what holds the run back, and counts the time; the lease goes on. False: the run is not ours to carry any more. */
    public boolean throttled(Session session, Claimed run, String reason, Duration rested, Duration lease)
            throws SQLException {
        return session.update(Sql.of(
                                """
                /* caretaker.cleanup.run-throttled */
                update caretaker.cleanup_run
                set throttle = ?,
                    throttled_ms = throttled_ms + ?,
                    lease_until = clock_timestamp() + ? * interval '1 millisecond'
                where id = cast(? as uuid)
                  and fence = ?
                  and state = 'running'
                """,
                                reason,
                                rested.toMillis(),
                                lease.toMillis(),
                                run.id().toString(),
                                run.fence())
                        .plannedOnce())
                == 1;
    }

    public void beginSecondPass(Session session, Claimed run) throws SQLException {
        session.update(Sql.of("""
                /* caretaker.cleanup.run-rewind */
                update caretaker.cleanup_run
                set phase = 'second-pass',
                    cursor = null
                where id = cast(? as uuid)
                  and fence = ?
                """, run.id().toString(), run.fence()));
    }
}
