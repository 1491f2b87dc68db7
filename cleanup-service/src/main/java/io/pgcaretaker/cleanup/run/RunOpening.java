package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Opens runs: one a slot, and one at a time for each policy. Every clock here is the database's. */
public final class RunOpening {

    /** What keeps a run that is opened now from being taken up. Nobody looks at it before that is over. */
    private static final String HELD_BACK = "(select 'kill-switch' from caretaker.cleanup_switch where stopped)";

    /** Whether the present slot of the policy has no run yet and nothing of the policy is open. */
    public boolean isDue(Session session, RetentionPolicy policy) throws SQLException {
        Sql ofSlot = Sql.format(
                "policy = %s and mode = %s and slot = %s",
                Sql.of("?", policy.name()), Sql.of("?", policy.mode().wireName()), slot(session, policy));
        return session.first(
                        Sql.format("""
                                /* caretaker.cleanup.run-due */
                                select not pg_is_in_recovery()
                                  -- Each by an index of its own.
                                  and not exists (
                                    select 1
                                    from caretaker.cleanup_run
                                    where %s
                                      and stop_reason is distinct from 'policy-changed')
                                  and not exists (
                                    select 1
                                    from caretaker.cleanup_run
                                    where %s
                                      and stop_reason = 'policy-changed')
                                  and not exists (
                                    select 1
                                    from caretaker.cleanup_run
                                    where policy = %s
                                      and state in ('waiting', 'running', 'paused'))
                                """, ofSlot, ofSlot, Sql.of("?", policy.name()))
                                .plannedOnce(),
                        row -> row.getBoolean(1))
                .orElse(false);
    }

    /** The slot of this moment, by the database's clock: the same for every replica. */
    private static Sql slot(Session session, RetentionPolicy policy) throws SQLException {
        Instant now = session.now();
        return Sql.of("cast(? as timestamptz)", policy.rhythm().slot(now).toString());
    }

    /** Opens the present slot; false when another replica was first. */
    public boolean openSlot(Session session, RetentionPolicy policy) throws SQLException {
        return session.update(Sql.format(
                        """
                        /* caretaker.cleanup.run-open-slot */
                        insert into caretaker.cleanup_run (policy, policy_hash, mode, trigger, slot, requested_by, throttle)
                        select %s, %s, 'schedule', %s
                        on conflict do nothing
                        """,
                        Sql.of(
                                "?, ?, ?, 'schedule'",
                                policy.name(),
                                policy.hash(),
                                policy.mode().wireName()),
                        slot(session, policy),
                        Sql.of(HELD_BACK)))
                == 1;
    }

    /** Whether this policy, as it is here, was applied before the run was opened by another version of it. */
    public boolean isOlder(Session session, Claimed run, RetentionPolicy policy) throws SQLException {
        return session.first(Sql.of("""
                                /* caretaker.cleanup.run-older */
                                select 1
                                from caretaker.cleanup_run b
                                join caretaker.cleanup_run r on r.policy = b.policy and r.created_at > b.created_at
                                where b.policy_hash = ?
                                  and r.id = cast(? as uuid)
                                limit 1
                                """, policy.hash(), run.id().toString()), row -> true)
                .orElse(false);
    }

    /**
     * Makes a slot's run that has begun nothing one of this policy, which is another version of the one that opened it, as another
     * replica has it amid a rollout: the slot would be over without a run. Empty where it is not this policy's present slot.
     */
    public Optional<Claimed> adopt(Session session, Claimed run, RetentionPolicy policy) throws SQLException {
        return session.first(
                Sql.format(
                        """
                        /* caretaker.cleanup.run-adopt */
                        update caretaker.cleanup_run r
                        set policy_hash = %s, mode = %s, cutoff = null
                        where id = cast(%s as uuid)
                          and fence = %s
                          and state = 'running'
                          and trigger = 'schedule'
                          and breaker_passed_at is null
                          and approved_max_rows is null
                          and slot = %s
                          and not exists (
                            select 1
                            from caretaker.cleanup_run o
                            where o.policy = r.policy
                              and o.mode = %s
                              and o.slot = r.slot
                              and o.id <> r.id)
                        returning *
                        """,
                        Sql.of("?", policy.hash()),
                        Sql.of("?", policy.mode().wireName()),
                        Sql.of("?", run.id().toString()),
                        Sql.of("?", run.fence()),
                        slot(session, policy),
                        Sql.of("?", policy.mode().wireName())),
                RunRepository::claimed);
    }

    /** Opens a run now; empty when one of the policy is open, or the key is known. */
    Optional<UUID> openManual(Session session, RetentionPolicy policy, String requestedBy, @Nullable String key)
            throws SQLException {
        return session.first(
                Sql.of(
                        """
                        /* caretaker.cleanup.run-open-manual */
                        insert into caretaker.cleanup_run
                          (policy, policy_hash, mode, trigger, slot, requested_by, idempotency_key, throttle)
                        values (?, ?, ?, 'manual', clock_timestamp(), ?, nullif(?, ''), %s)
                        on conflict do nothing
                        returning id
                        """.formatted(HELD_BACK),
                        policy.name(),
                        policy.hash(),
                        policy.mode().wireName(),
                        requestedBy,
                        key == null ? "" : key),
                row -> row.getObject(1, UUID.class));
    }

    /** Opens a replay, which is its caller's from the beginning; empty when a run of the policy is open. */
    public Optional<Claimed> openReplay(Session session, RetentionPolicy policy, String requestedBy, Duration lease)
            throws SQLException {
        return session.first(
                Sql.of("""
                        /* caretaker.cleanup.run-open-replay */
                        insert into caretaker.cleanup_run
                          (policy, policy_hash, mode, trigger, slot, requested_by, state, owner, fence, started_at, lease_until)
                        values (?, ?, 'enforce', 'replay', clock_timestamp(), ?, 'running', gen_random_uuid(), 1,
                          clock_timestamp(), clock_timestamp() + ? * interval '1 millisecond')
                        on conflict do nothing
                        returning *
                        """, policy.name(), policy.hash(), requestedBy, lease.toMillis()), RunRepository::claimed);
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
}
