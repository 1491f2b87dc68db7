package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads what earlier runs of a policy tell the next one. */
public final class RunHistoryRepository {

    /**
     * What they did. A policy without any is asked about as one that goes by another name now: its runs would else be the first
     * of a new one, which no retention of before could be shorter than.
     *
     * @param policies those that there are
     * @param asking the run that asks, which tells itself nothing; empty: a plan asks
     */
    public RunHistory history(Session session, ArmedPolicy armed, Policies policies, Optional<UUID> asking)
            throws SQLException {
        RunHistory own = own(session, armed.policy(), asking);
        return own.retention() == null
                ? predecessor(session, armed, policies, own).orElse(own)
                : own;
    }

    private static Optional<RunHistory> predecessor(
            Session session, ArmedPolicy armed, Policies policies, RunHistory own) throws SQLException {
        return session.first(
                Sql.of(
                                """
                                /* caretaker.cleanup.run-predecessor */
                                select policy, retention
                                from caretaker.cleanup_run
                                where policy <> all (cast(? as text[]))
                                  and mode = 'enforce'
                                  and breaker_passed_at is not null
                                  and retention is not null
                                  and jsonb_exists(tables, ?)
                                order by created_at desc
                                limit 1
                                """,
                                policies.all().stream()
                                        .map(RetentionPolicy::name)
                                        .toList(),
                                armed.table().name().toString())
                        .plannedOnce(),
                row -> new RunHistory(
                        own.fresh(),
                        own.runs(),
                        own.mostMatched(),
                        row.getString("retention"),
                        row.getString("policy")));
    }

    private static RunHistory own(Session session, RetentionPolicy policy, Optional<UUID> asking) throws SQLException {
        return session.first(
                        Sql.of(
                                        """
                                /* caretaker.cleanup.run-history */
                                select
                                  coalesce(bool_or(rows_deleted > 0 and policy_hash = ?), false) as deleted,
                                  count(*) filter (where state = 'completed') as runs,
                                  coalesce(max(rows_matched) filter (where state = 'completed'), 0) as most,
                                  (array_agg(retention order by created_at desc) filter (where retention is not null))[1]
                                    as retention
                                from (
                                  select *
                                  from caretaker.cleanup_run
                                  where policy = ?
                                    and mode = 'enforce'
                                    and breaker_passed_at is not null
                                    and id is distinct from cast(nullif(?, '') as uuid)
                                  order by created_at desc
                                  limit 20) as latest
                                """,
                                        policy.hash(),
                                        policy.name(),
                                        asking.map(UUID::toString).orElse(""))
                                .plannedOnce(),
                        row -> new RunHistory(
                                !row.getBoolean("deleted"),
                                row.getInt("runs"),
                                row.getLong("most"),
                                row.getString("retention"),
                                null))
                .orElseThrow(() -> new SQLException("no row", "02000"));
    }

    /** When they were. */
    public RunTimes times(Session session, String policy, Mode mode, Optional<UUID> asking) throws SQLException {
        return session.first(
                        Sql.of("""
                                /* caretaker.cleanup.run-times */
                                select
                                  clock_timestamp(),
                                  pg_is_in_recovery(),
                                  max(cutoff) filter (where state = 'completed'),
                                  max(started_at) filter (
                                    where id is distinct from cast(nullif(?, '') as uuid)
                                      -- When that was nobody knows: it was refused for its clock.
                                      and coalesce(stop_reason, '') not in ('clock-skew', 'clock-jump'))
                                from caretaker.cleanup_run
                                where policy = ?
                                  and mode = ?
                                """, asking.map(UUID::toString).orElse(""), policy, mode.wireName())
                                .plannedOnce(),
                        row -> new RunTimes(
                                row.getTimestamp(1).toInstant(),
                                row.getBoolean(2),
                                instant(row.getTimestamp(3)),
                                instant(row.getTimestamp(4))))
                .orElseThrow(() -> new SQLException("no row", "02000"));
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }
}
