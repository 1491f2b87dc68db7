package io.pgcaretaker.cleanup.breaker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Condition;
import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads what earlier runs of a policy tell the next one. */
public final class RunHistoryRepository {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a run applied. */
    private record Applied(
            @Nullable String retention,
            @Nullable String filter,
            @Nullable String terms) {}

    /**
     * A policy's own runs.
     *
     * @param takenBack what one applied that was cancelled after its approval, where no other run applied anything
     * @param latest when the last of them began; absent: there was none
     * @param counted its rows were only counted since, by the policy's own word
     */
    private record Own(
            RunHistory history, Applied takenBack, @Nullable Instant latest, boolean counted) {}

    /**
     * What they did. A policy is asked about as one that goes by another name now, too, where it has no runs of its own or has none
     * since that one began: what that one kept would else go by a retention that nobody has confirmed.
     *
     * @param policies those that there are
     * @param asking the run that asks, which tells itself nothing; empty: a plan asks
     */
    public RunHistory history(Session session, ArmedPolicy armed, Policies policies, Optional<UUID> asking)
            throws SQLException {
        Terms now = Terms.of(armed, policies);
        Own own = own(session, armed.policy(), now, asking);
        Optional<RunHistory> predecessor = predecessor(session, armed, policies, now, own);
        if (predecessor.isPresent() || own.history().retention() != null) {
            return predecessor.orElse(own.history());
        }
        return with(own, own.takenBack(), now, null);
    }

    /** Columns that are not those which the run itself began with, or asked with, in words. */
    public List<String> exchanged(Session session, ArmedPolicy armed, Policies policies, UUID run) throws SQLException {
        Terms now = Terms.of(armed, policies);
        return session.first(
                        Sql.of(
                                        "/* caretaker.cleanup.run-own-terms */ select terms from caretaker.cleanup_run where id = cast(? as uuid)",
                                        run.toString())
                                .plannedOnce(),
                        row -> now.exchangedSince(row.getString(1)))
                .orElse(List.of());
    }

    private static RunHistory with(Own own, Applied applied, Terms now, @Nullable String predecessor)
            throws SQLException {
        return new RunHistory(
                own.history().fresh(),
                own.history().runs(),
                own.history().mostMatched(),
                applied.retention(),
                filter(applied.filter()),
                now.looserThan(applied.terms(), own.counted()),
                predecessor);
    }

    private static @Nullable List<Condition> filter(@Nullable String text) throws SQLException {
        try {
            return text == null ? null : List.of(JSON.readValue(text, Condition[].class));
        } catch (JsonProcessingException e) {
            throw new SQLException("cleanup_run.filter is not one", "22000", e);
        }
    }

    /** As a run keeps it. */
    public static String filter(RetentionPolicy policy) {
        try {
            return JSON.writeValueAsString(policy.filter());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a filter is names and texts", e);
        }
    }

    private static Optional<RunHistory> predecessor(
            Session session, ArmedPolicy armed, Policies policies, Terms now, Own own) throws SQLException {
        Instant latest = own.history().retention() == null ? null : own.latest();
        return session.first(
                Sql.of(
                                """
                                /* caretaker.cleanup.run-predecessor */
                                with recursive names (policy) as (
                                  select min(policy) from caretaker.cleanup_run
                                  union all
                                  -- The next one by the index: there are few names, and they may have hundreds of thousands of runs.
                                  select (select min(policy) from caretaker.cleanup_run r where r.policy > names.policy)
                                  from names
                                  where names.policy is not null
                                )
                                select r.policy, r.retention, r.filter, r.terms
                                from names
                                cross join lateral (
                                  select *
                                  from caretaker.cleanup_run
                                  where policy = names.policy
                                    and mode = 'enforce'
                                    and breaker_passed_at is not null
                                    and retention is not null
                                    and jsonb_exists(tables, ?)
                                    and created_at > cast(? as timestamptz)
                                  order by created_at desc
                                  limit 1) r
                                where names.policy <> all (cast(? as text[]))
                                  -- One that went its own way beside this one has nothing to do with it.
                                  and not exists (
                                    select 1
                                    from caretaker.cleanup_run b
                                    where b.policy = names.policy
                                      and b.mode = 'enforce'
                                      and b.breaker_passed_at is not null
                                      and b.created_at <= cast(? as timestamptz))
                                order by r.created_at desc
                                limit 1
                                """,
                                armed.table().name().toString(),
                                latest == null ? "-infinity" : latest.toString(),
                                policies.all().stream()
                                        .map(RetentionPolicy::name)
                                        .toList(),
                                latest == null ? "-infinity" : latest.toString())
                        .plannedOnce(),
                row -> with(
                        own,
                        new Applied(row.getString("retention"), row.getString("filter"), row.getString("terms")),
                        now,
                        row.getString("policy")));
    }

    private static Own own(Session session, RetentionPolicy policy, Terms now, Optional<UUID> asking)
            throws SQLException {
        return session.first(
                        Sql.of(
                                        """
                                /* caretaker.cleanup.run-history */
                                select
                                  coalesce(bool_or(rows_deleted > 0 and policy_hash = ?), false) as deleted,
                                  count(*) filter (where state = 'completed') as runs,
                                  coalesce(max(rows_matched) filter (where state = 'completed'), 0) as most,
                                  (pg_catalog.array_agg(retention order by created_at desc)
                                    filter (where retention is not null and not taken_back))[1] as retention,
                                  (pg_catalog.array_agg(retention order by created_at desc)
                                    filter (where retention is not null))[1] as taken_back,
                                  (pg_catalog.array_agg(filter order by created_at desc)
                                    filter (where retention is not null and not taken_back))[1] as filter,
                                  (pg_catalog.array_agg(filter order by created_at desc)
                                    filter (where retention is not null))[1] as taken_back_filter,
                                  (pg_catalog.array_agg(terms order by created_at desc)
                                    filter (where retention is not null and not taken_back))[1] as terms,
                                  (pg_catalog.array_agg(terms order by created_at desc)
                                    filter (where retention is not null))[1] as taken_back_terms,
                                  max(created_at) as latest,
                                  exists (
                                    select 1
                                    from caretaker.cleanup_run s
                                    where s.policy = ?
                                      and s.mode = 'shadow'
                                      and s.terms @> '{"counted": true}'
                                      and s.created_at > coalesce(
                                        max(latest.created_at) filter (where not taken_back), '-infinity')) as counted
                                from (
                                  select
                                    *,
                                    -- The yes of an approval is for its run alone, and whoever cancels that takes it back.
                                    approved_by is not null and state = 'cancelled' and stop_reason = 'cancelled'
                                      as taken_back
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
                                        policy.name(),
                                        asking.map(UUID::toString).orElse(""))
                                .plannedOnce(),
                        row -> new Own(
                                new RunHistory(
                                        !row.getBoolean("deleted"),
                                        row.getInt("runs"),
                                        row.getLong("most"),
                                        row.getString("retention"),
                                        filter(row.getString("filter")),
                                        now.looserThan(row.getString("terms"), row.getBoolean("counted")),
                                        null),
                                new Applied(
                                        row.getString("taken_back"),
                                        row.getString("taken_back_filter"),
                                        row.getString("taken_back_terms")),
                                instant(row.getTimestamp("latest")),
                                row.getBoolean("counted")))
                .orElseThrow(() -> new SQLException("no row", "02000"));
    }

    /** When they were. */
    public RunTimes times(Session session, String policy, Mode mode, Optional<UUID> asking) throws SQLException {
        return session.first(
                        Sql.of(
                                        """
                                /* caretaker.cleanup.run-times */
                                select
                                  clock_timestamp(),
                                  pg_is_in_recovery(),
                                  (
                                    select max(cutoff)
                                    from caretaker.cleanup_run
                                    where policy = asked.policy
                                      and mode = asked.mode
                                      and state = 'completed'),
                                  (
                                    select max(started_at)
                                    from caretaker.cleanup_run
                                    where policy = asked.policy
                                      and mode = asked.mode
                                      and id is distinct from asked.run
                                      -- When that was nobody knows: it was refused for its clock.
                                      and coalesce(stop_reason, '') not in ('clock-skew', 'clock-jump'))
                                from (select cast(? as text), cast(? as text), cast(nullif(?, '') as uuid))
                                  as asked (policy, mode, run)
                                """,
                                        policy,
                                        mode.wireName(),
                                        asking.map(UUID::toString).orElse(""))
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
