package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Statements;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The run's row: the right to work, the position, the counters. Every clock here is the database's. */
public final class RunRepository {

    private static final Logger LOG = Logger.getLogger(RunRepository.class);

    private static final Sql LOCKED = Sql.of("for update of r");

    /** What may be carried now. No lease is longer than an hour, and no window two days away: a later time was written when the clock was ahead. */
    private static final String NOT_PUT_OFF = """
            (not_before is null
              or not_before not between clock_timestamp() and clock_timestamp() + interval '2 days')
            and trigger <> 'replay'""";

    /**
     * Takes the run that has waited longest: since it was opened, or since it was given back. One whose owner has given no sign for
     * the length of its lease waits, too.
     */
    public Optional<Claimed> claim(Session session, UUID owner, Duration lease) throws SQLException {
        return session.first(
                Sql.of("""
                        /* caretaker.cleanup.run-claim */
                        -- Materialized: looked at once. Beside the runs in a nested loop it is looked at for each of them, finds the next
                        -- one each time, and all of them are taken.
                        with next as materialized (
                          select id, state
                          from caretaker.cleanup_run
                          where (state = 'waiting'
                              or state = 'running'
                                and lease_until not between clock_timestamp() and clock_timestamp() + interval '2 hours')
                            and %s
                            and exists (select 1 from caretaker.cleanup_switch where not stopped)
                          order by greatest(created_at, not_before), id
                          limit 1
                          for update skip locked
                        )
                        update caretaker.cleanup_run r
                        set state = 'running',
                            owner = cast(? as uuid),
                            fence = r.fence + 1,
                            lease_until = clock_timestamp() + ? * interval '1 millisecond',
                            throttle = null,
                            halted = false,
                            started_at = coalesce(r.started_at, clock_timestamp())
                        from next
                        where r.id = next.id
                        returning r.*, next.state = 'running' as taken_over
                        """.formatted(NOT_PUT_OFF), owner.toString(), lease.toMillis())
                        .plannedOnce(),
                row -> {
                    Claimed run = claimed(row);
                    if (row.getBoolean("taken_over")) {
                        LOG.infof(
                                "run taken over where it stands: its worker gave it back at its end, or no sign for its lease"
                                        + " policy=%s run=%s",
                                run.policy(), run.id());
                    }
                    return run;
                });
    }

    static Claimed claimed(ResultSet row) throws SQLException {
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
    public Optional<Claimed.Position> lock(Session session, Claimed run) throws SQLException {
        return session.first(fence(run, Sql.of(""), LOCKED), RunRepository::position);
    }

    /**
     * The fence of a batch. No hold on the table is placed until this transaction ends: its further statements see every
     * hold that is in force. Who places one waits for the batch, and finds the row gone or the hold obeyed.
     */
    public Optional<Claimed.Position> lock(Session session, Claimed run, ArmedPolicy armed) throws SQLException {
        return batch(session, run, armed, LOCKED);
    }

    /** The same for a batch that locks the run's row later: what it sees may be out of date by then. */
    public Optional<Claimed.Position> look(Session session, Claimed run, ArmedPolicy armed) throws SQLException {
        return batch(session, run, armed, Sql.of(""));
    }

    private static Optional<Claimed.Position> batch(Session session, Claimed run, ArmedPolicy armed, Sql locking)
            throws SQLException {
        Sql gate = Sql.of(
                ", pg_advisory_xact_lock_shared(caretaker.hold_gate(?))",
                armed.table().name().quoted());
        // A statement of its own, or it would not see a hold that came into force while the gate was waited for.
        Session.Both<Claimed.Position, String> both = session.query(
                fence(run, gate, locking), RunRepository::position, Statements.held(armed), row -> row.getString(1));
        return both.first().stream()
                .findFirst()
                .map(position -> armed.keepers().isEmpty() ? position.withHeld(both.second()) : position);
    }

    private static Sql fence(Claimed run, Sql gate, Sql locking) {
        return Sql.format("""
                        /* caretaker.cleanup.run-fence */
                        select phase, cursor, tables, rows_matched, ledger_seq, ledger_hash, stopped or halted as stopped,
                          clock_timestamp() as now%s
                        from caretaker.cleanup_run r
                        cross join caretaker.cleanup_switch
                        where r.id = cast(%s as uuid)
                          and fence = %s
                          and state = 'running'
                        %s
                        """, gate, Sql.of("?", run.id().toString()), Sql.of("?", run.fence()), locking)
                .plannedOnce();
    }

    private static Claimed.Position position(ResultSet row) throws SQLException {
        return new Claimed.Position(
                row.getBoolean("stopped"),
                Claimed.Phase.parse(row.getString("phase")),
                RunJson.cursor(row.getString("cursor")),
                row.getString("tables"),
                row.getObject("rows_matched", Long.class),
                row.getInt("ledger_seq"),
                row.getString("ledger_hash"),
                row.getTimestamp("now").toInstant(),
                null);
    }

    /** Tells that the owner lives; false when the run is no longer ours. */
    public boolean renew(Session session, Claimed run, Duration lease) throws SQLException {
        return session.update(Sql.of("""
                        /* caretaker.cleanup.run-renew */
                        update caretaker.cleanup_run
                        set lease_until = clock_timestamp() + ? * interval '1 millisecond'
                        where id = cast(? as uuid)
                          and fence = ?
                          and state = 'running'
                        """, lease.toMillis(), run.id().toString(), run.fence())
                        .plannedOnce())
                == 1;
    }

    /**
     * Deletes old runs that deleted nothing; what deleted something is named in the ledger and stays. The newest of each
     * policy and mode that a breaker let through stays too: it tells the next one what was applied.
     */
    public int tidy(Session session, Duration keep, int limit) throws SQLException {
        return session.update(Sql.of("""
                /* caretaker.cleanup.run-tidy */
                with last_passed as materialized (
                  -- Once for all: asked of each run whether there is a later one, all would be read for each.
                  select policy, mode, max(created_at) as created_at
                  from caretaker.cleanup_run
                  where breaker_passed_at is not null
                    -- Its approval was taken back: what the one before applied is what counts.
                    and not (approved_by is not null and state = 'cancelled' and stop_reason = 'cancelled')
                  group by policy, mode
                )
                delete from caretaker.cleanup_run
                where id in (
                  select r.id
                  from caretaker.cleanup_run r
                  left join last_passed l
                    on l.policy = r.policy
                    and l.mode = r.mode
                  where r.created_at < clock_timestamp() - ? * interval '1 second'
                    and r.finished_at is not null
                    and r.state <> 'needs-approval'
                    and r.ledger_seq = 0
                    and not exists (select 1 from caretaker.cleanup_partition p where p.run_id = r.id)
                    and (
                      r.breaker_passed_at is null
                      or r.created_at < l.created_at)
                  order by r.created_at, r.id
                  limit ?)
                """, keep.toSeconds(), limit));
    }

    /** Gives the run back until then, and says why. */
    public void defer(Session session, Claimed run, Instant until, String why) throws SQLException {
        session.update(Sql.of("""
                /* caretaker.cleanup.run-defer */
                update caretaker.cleanup_run
                set state = 'waiting',
                    throttle = ?,
                    lease_until = null,
                    not_before = cast(? as timestamptz)
                where id = cast(? as uuid)
                  and fence = ?
                  and state = 'running'
                """, why, until.toString(), run.id().toString(), run.fence()));
    }

    /** Gives the run back behind the others that wait, if there are any. */
    public boolean giveWay(Session session, Claimed run) throws SQLException {
        return session.update(Sql.of("""
                        /* caretaker.cleanup.run-give-way */
                        update caretaker.cleanup_run
                        set state = 'waiting',
                            throttle = 'turn',
                            lease_until = null,
                            not_before = clock_timestamp()
                        where id = cast(? as uuid)
                          and fence = ?
                          and state = 'running'
                          and exists (
                            select 1
                            from caretaker.cleanup_run
                            where state = 'waiting'
                              and %s)
                        """.formatted(NOT_PUT_OFF), run.id().toString(), run.fence())) == 1;
    }

    /** Gives a run back for a minute, unless it was opened more than an hour ago; false: it was not given back. */
    public boolean putOff(Session session, Claimed run, String why) throws SQLException {
        return session.update(Sql.of("""
                        /* caretaker.cleanup.run-put-off */
                        update caretaker.cleanup_run
                        set state = 'waiting',
                            throttle = ?,
                            lease_until = null,
                            not_before = clock_timestamp() + interval '1 minute'
                        where id = cast(? as uuid)
                          and fence = ?
                          and state = 'running'
                          and created_at between clock_timestamp() - interval '1 hour' and clock_timestamp()
                        """, why, run.id().toString(), run.fence())) == 1;
    }

    /** Gives the run back at once, so that another worker need not wait for the lease. */
    public void release(Session session, Claimed run) throws SQLException {
        renew(session, run, Duration.ofMillis(-1));
    }

    public void fixCutoff(Session session, Claimed run, Instant cutoff) throws SQLException {
        session.update(
                Sql.of("""
                /* caretaker.cleanup.run-cutoff */
                update caretaker.cleanup_run
                set cutoff = cast(? as timestamptz)
                where id = cast(? as uuid)
                  and fence = ?
                """, cutoff.toString(), run.id().toString(), run.fence()).plannedOnce());
    }

    /** One run asks for approval, not one a slot; and none that another one has followed, which may have kept what it would take. */
    public void supersede(Session session, Claimed run) throws SQLException {
        session.update(Sql.of("""
                /* caretaker.cleanup.run-supersede */
                update caretaker.cleanup_run
                set state = 'cancelled',
                    stop_reason = 'superseded'
                where policy = ?
                  and state = 'needs-approval'
                  and id <> cast(? as uuid)
                """, run.policy(), run.id().toString()));
    }
}
