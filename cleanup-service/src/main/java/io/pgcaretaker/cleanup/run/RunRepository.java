package io.pgcaretaker.cleanup.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.plan.Statements.Cursor;
import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The run's row: the right to work, the position, the counters. Every clock here is the database's. */
final class RunRepository {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<TreeMap<String, Long>> COUNTS = new TypeReference<>() {};

    /** Whether the present slot of the policy has no run yet and nothing of the policy is open. */
    boolean isDue(Session session, RetentionPolicy policy) throws SQLException {
        return session.first(
                        Sql.format(
                                """
                                /* caretaker.cleanup.run-due */
                                select not pg_is_in_recovery()
                                  and not exists (
                                    select 1
                                    from caretaker.cleanup_run
                                    where policy = %s
                                      and ((mode = %s and slot = %s) or state in ('waiting', 'running', 'paused')))
                                """,
                                Sql.of("?", policy.name()),
                                Sql.of("?", policy.mode().wireName()),
                                slot(policy)),
                        row -> row.getBoolean(1))
                .orElse(false);
    }

    /** The beginning of the present interval: the same for every replica. */
    private static Sql slot(RetentionPolicy policy) {
        long seconds = policy.every().toSeconds();
        return Sql.of("to_timestamp(floor(extract(epoch from clock_timestamp()) / ?) * ?)", seconds, seconds);
    }

    /** Opens the present slot; false when another replica was first. */
    boolean openSlot(Session session, RetentionPolicy policy) throws SQLException {
        return session.update(Sql.format(
                        """
                        /* caretaker.cleanup.run-open-slot */
                        insert into caretaker.cleanup_run (policy, policy_hash, mode, trigger, slot, requested_by)
                        select %s, %s, 'schedule'
                        on conflict do nothing
                        """,
                        Sql.of(
                                "?, ?, ?, 'schedule'",
                                policy.name(),
                                policy.hash(),
                                policy.mode().wireName()),
                        slot(policy)))
                == 1;
    }

    /** Opens a run now; empty when one of the policy is open, or the key is known. */
    Optional<UUID> openManual(Session session, RetentionPolicy policy, String requestedBy, @Nullable String key)
            throws SQLException {
        return session.first(
                Sql.of(
                        """
                        /* caretaker.cleanup.run-open-manual */
                        insert into caretaker.cleanup_run
                          (policy, policy_hash, mode, trigger, slot, requested_by, idempotency_key)
                        values (?, ?, ?, 'manual', clock_timestamp(), ?, nullif(?, ''))
                        on conflict do nothing
                        returning id
                        """,
                        policy.name(),
                        policy.hash(),
                        policy.mode().wireName(),
                        requestedBy,
                        key == null ? "" : key),
                row -> row.getObject(1, UUID.class));
    }

    /** A run that an idempotency key was given for: its policy and id. */
    Optional<Map.Entry<String, UUID>> findByKey(Session session, String key) throws SQLException {
        return session.first(Sql.of("""
                        /* caretaker.cleanup.run-by-key */
                        select policy, id
                        from caretaker.cleanup_run
                        where idempotency_key = ?
                        """, key), row -> Map.entry(row.getString(1), row.getObject(2, UUID.class)));
    }

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
                row.getInt("batch_rows"),
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
                        select phase, cursor, tables, ledger_seq, ledger_hash, clock_timestamp() as now
                        from caretaker.cleanup_run
                        where id = cast(? as uuid)
                          and fence = ?
                          and state = 'running'
                        for update
                        """, run.id().toString(), run.fence()),
                row -> new Claimed.Position(
                        row.getString("phase").equals("second-pass"),
                        cursor(row.getString("cursor")),
                        row.getString("tables"),
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

    void passBreaker(Session session, Claimed run, long matched) throws SQLException {
        session.update(Sql.of("""
                /* caretaker.cleanup.run-breaker-passed */
                update caretaker.cleanup_run
                set breaker_passed_at = clock_timestamp(),
                    rows_matched = ?
                where id = cast(? as uuid)
                  and fence = ?
                """, matched, run.id().toString(), run.fence()));
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
                write(progress.cursor()),
                json(progress.tables()),
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

    private static @Nullable Cursor cursor(@Nullable String json) {
        if (json == null) {
            return null;
        }
        try {
            return JSON.readValue(json, Cursor.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored cursor cannot be read", e);
        }
    }

    private static String write(@Nullable Cursor cursor) {
        return cursor == null ? "" : json(cursor);
    }

    /** Rows by table, names sorted. */
    static SortedMap<String, Long> counts(String json) {
        try {
            return JSON.readValue(json, COUNTS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored counts cannot be read", e);
        }
    }

    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot be written as JSON", e);
        }
    }
}
