package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.plan.Cursor;
import io.pgcaretaker.cleanup.plan.StrategyPolicy;
import io.pgcaretaker.cleanup.policy.Mode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The run's row: the right to work, the position, the counters. Every clock here is the database's. */
final class RunRepository {

    /** Takes the oldest run that waits or whose owner has given no sign for the length of its lease. */
    Optional<Claimed> claim(Session session, UUID owner, Duration lease) throws SQLException {
        return session.first(Sql.of("""
                        /* caretaker.cleanup.run-claim */
                        update caretaker.cleanup_run r
                        set state = 'running',
                            owner = cast(? as uuid),
                            fence = r.fence + 1,
                            lease_until = clock_timestamp() + ? * interval '1 millisecond',
                            started_at = coalesce(r.started_at, clock_timestamp())
                        from (
                          select id
                          from caretaker.cleanup_run
                          where state = 'waiting'
                            or (state = 'running' and lease_until < clock_timestamp())
                          order by created_at, id
                          limit 1
                          for update skip locked
                        ) as next
                        where r.id = next.id
                        returning r.*
                        """, owner.toString(), lease.toMillis()), RunRepository::claimed);
    }

    private static Claimed claimed(ResultSet row) throws SQLException {
        return new Claimed(
                row.getObject("id", UUID.class),
                row.getString("policy"),
                row.getString("policy_hash"),
                Mode.parse(row.getString("mode")),
                row.getString("trigger").equals("manual"),
                row.getLong("fence"),
                instant(row, "cutoff"),
                row.getTimestamp("breaker_passed_at") != null,
                row.getObject("approved_max_rows", Long.class));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp timestamp = row.getTimestamp(column);
        return timestamp == null ? null : timestamp.toInstant();
    }

    /** The fence: locks the run's row for this transaction if it is still ours and still to run. */
    Optional<Claimed.Position> lock(Session session, Claimed run) throws SQLException {
        return session.first(
                Sql.of("""
                        /* caretaker.cleanup.run-fence */
                        select phase, cursor, tables, rows_matched, ledger_seq, ledger_hash, clock_timestamp() as now
                        from caretaker.cleanup_run
                        where id = cast(? as uuid)
                          and fence = ?
                          and state = 'running'
                        for update
                        """, run.id().toString(), run.fence()),
                row -> new Claimed.Position(
                        row.getString("phase").equals("second-pass"),
                        RunJson.cursor(row.getString("cursor")),
                        row.getString("tables"),
                        row.getObject("rows_matched", Long.class),
                        row.getInt("ledger_seq"),
                        row.getString("ledger_hash"),
                        row.getTimestamp("now").toInstant()));
    }

    /** Tells that the owner lives; false when the run is no longer ours. */
    boolean renew(Session session, Claimed run, Duration lease) throws SQLException {
        return session.update(Sql.of("""
                        /* caretaker.cleanup.run-renew */
                        update caretaker.cleanup_run
                        set lease_until = clock_timestamp() + ? * interval '1 millisecond'
                        where id = cast(? as uuid)
                          and fence = ?
                          and state = 'running'
                        """, lease.toMillis(), run.id().toString(), run.fence())) == 1;
    }

    /** Gives the run back at once, so that another worker need not wait for the lease. */
    void release(Session session, Claimed run) throws SQLException {
        renew(session, run, Duration.ofMillis(-1));
    }

    void fixCutoff(Session session, Claimed run, Instant cutoff) throws SQLException {
        session.update(Sql.of("""
                /* caretaker.cleanup.run-cutoff */
                update caretaker.cleanup_run
                set cutoff = cast(? as timestamptz)
                where id = cast(? as uuid)
                  and fence = ?
                """, cutoff.toString(), run.id().toString(), run.fence()));
    }

    /** The breaker let it through: from here on rows go, along this way from this beginning. */
    void passBreaker(
            Session session, Claimed run, long matched, StrategyPolicy.Choice choice, @Nullable Cursor beginning)
            throws SQLException {
        session.update(Sql.of(
                """
                /* caretaker.cleanup.run-breaker-passed */
                update caretaker.cleanup_run
                set breaker_passed_at = clock_timestamp(),
                    rows_matched = ?,
                    strategy = ?,
                    strategy_reason = ?,
                    cursor = cast(nullif(?, '') as jsonb)
                where id = cast(? as uuid)
                  and fence = ?
                """,
                matched,
                choice.strategy().wireName(),
                choice.reason(),
                RunJson.write(beginning),
                run.id().toString(),
                run.fence()));
    }

    /**
     * No hold on the table is placed until this transaction ends: its statements see every hold that is in force. Who
     * places one waits for the batch, and finds the row gone or the hold obeyed.
     */
    void keepHoldsOut(Session session, String table) throws SQLException {
        session.query(Sql.of("""
                /* caretaker.cleanup.hold-gate */
                select pg_advisory_xact_lock_shared(caretaker.hold_gate(?))
                """, table), row -> true);
    }

    /** What a batch has done: the position and the counters, in the transaction of the deletes. */
    record Progress(
            @Nullable Cursor cursor,
            Map<String, Long> tables,
            long deleted,
            int batchRows,
            int ledgerSeq,
            @Nullable String ledgerHash,
            Duration lease) {}

    void advance(Session session, Claimed run, Progress progress) throws SQLException {
        session.update(Sql.of(
                """
                /* caretaker.cleanup.run-advance */
                update caretaker.cleanup_run
                set cursor = cast(nullif(?, '') as jsonb),
                    tables = cast(? as jsonb),
                    rows_deleted = rows_deleted + ?,
                    batches = batches + 1,
                    batch_rows = ?,
                    ledger_seq = ?,
                    ledger_hash = nullif(?, ''),
                    lease_until = clock_timestamp() + ? * interval '1 millisecond'
                where id = cast(? as uuid)
                  and fence = ?
                """,
                RunJson.write(progress.cursor()),
                RunJson.json(progress.tables()),
                progress.deleted(),
                progress.batchRows(),
                progress.ledgerSeq(),
                progress.ledgerHash() == null ? "" : progress.ledgerHash(),
                progress.lease().toMillis(),
                run.id().toString(),
                run.fence()));
    }

    void beginSecondPass(Session session, Claimed run) throws SQLException {
        session.update(Sql.of("""
                /* caretaker.cleanup.run-second-pass */
                update caretaker.cleanup_run
                set phase = 'second-pass',
                    cursor = null
                where id = cast(? as uuid)
                  and fence = ?
                """, run.id().toString(), run.fence()));
    }
}
