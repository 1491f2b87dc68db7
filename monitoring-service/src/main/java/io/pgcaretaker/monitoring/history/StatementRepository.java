package io.pgcaretaker.monitoring.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Statements over time from pg_stat_statements, which is never reset. What was counted since the last look is the
 * difference to the base; a counter that went back (a reset, an eviction, a restart of the server) counts from zero.
 */
final class StatementRepository {

    /** Statements of a window that are kept by themselves; the others are one row. */
    private static final int MOST = 100;
    /** Of one statement's text; what it does is clear from that. */
    private static final int TEXT = 4000;

    /** More than a month of five minutes each. */
    static final int MOST_WINDOWS = 10_000;
    /** How many are dropped at once. */
    static final int BATCH = 5000;

    /** One statement over a time. */
    record Total(
            String queryId,
            String user,
            long calls,
            double totalMs,
            double meanMs,
            double percent,
            long rows,
            long blocksHit,
            long blocksRead,
            long tempBlocks,
            String query) {}

    /** One window of one statement. */
    record Window(Instant takenAt, double seconds, long calls, double totalMs, long rows, long blocksRead) {}

    boolean isInstalled(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.statement-installed */
                select exists (select 1 from pg_extension where extname = 'pg_stat_statements')
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() && rows.getBoolean(1);
        }
    }

    /** Takes a window: what grew since the last one. The first look only lays the base. */
    int sample(Connection connection, Instant now) throws SQLException {
        String sql = """
                /* caretaker.statement-sample */
                with present as materialized (
                  select s.userid, s.queryid,
                    sum(s.calls)::bigint as calls, sum(s.total_exec_time) as total_ms, sum(s.rows)::bigint as rows,
                    sum(s.shared_blks_hit)::bigint as hit, sum(s.shared_blks_read)::bigint as read,
                    sum(s.temp_blks_written)::bigint as temp
                  from pg_stat_statements(false) s
                  where s.dbid = (select oid from pg_database where datname = current_database())
                    and s.queryid is not null
                    and s.queryid <> 0
                  group by s.userid, s.queryid
                ), last_look as (
                  select max(seen_at) as at from caretaker.statement_base
                ), grown as materialized (
                  select p.userid, p.queryid,
                    p.calls - case when back then 0 else coalesce(b.calls, 0) end as calls,
                    p.total_ms - case when back then 0 else coalesce(b.total_ms, 0) end as total_ms,
                    p.rows - case when back then 0 else coalesce(b.rows, 0) end as rows,
                    p.hit - case when back then 0 else coalesce(b.blocks_hit, 0) end as hit,
                    p.read - case when back then 0 else coalesce(b.blocks_read, 0) end as read,
                    p.temp - case when back then 0 else coalesce(b.temp_blocks, 0) end as temp
                  from present p
                  left join caretaker.statement_base b on b.user_id = p.userid and b.query_id = p.queryid
                  cross join lateral (
                    select coalesce(p.calls < b.calls or p.rows < b.rows or p.total_ms < b.total_ms - 0.001, false) as back
                  ) went
                  where b.calls is distinct from p.calls
                ), ranked as (
                  select g.*, coalesce(r.rolname, '') as user_name,
                    row_number() over (order by g.total_ms desc, g.queryid) as place
                  from grown g
                  left join pg_roles r on r.oid = g.userid
                ), sampled as (
                  insert into caretaker.statement_sample (taken_at, query_id, user_name, seconds, calls, total_ms, rows,
                    blocks_hit, blocks_read, temp_blocks)
                  select ?, case when place <= %1$d then queryid else 0 end, case when place <= %1$d then user_name else '' end,
                    extract(epoch from ? - l.at), sum(calls), sum(total_ms), sum(rows), sum(hit), sum(read), sum(temp)
                  from ranked
                  cross join last_look l
                  where l.at is not null
                  group by 2, 3, 4
                  returning 1
                ), based as (
                  insert into caretaker.statement_base as b (user_id, query_id, calls, total_ms, rows, blocks_hit, blocks_read,
                    temp_blocks, seen_at)
                  select p.userid, p.queryid, p.calls, p.total_ms, p.rows, p.hit, p.read, p.temp, ?
                  from present p
                  join grown g on g.userid = p.userid and g.queryid = p.queryid
                  on conflict (user_id, query_id) do update
                  set calls = excluded.calls, total_ms = excluded.total_ms, rows = excluded.rows,
                      blocks_hit = excluded.blocks_hit, blocks_read = excluded.blocks_read,
                      temp_blocks = excluded.temp_blocks, seen_at = excluded.seen_at
                )
                select count(*) from sampled
                """.formatted(MOST);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            OffsetDateTime at = now.atOffset(ZoneOffset.UTC);
            statement.setObject(1, at);
            statement.setObject(2, at);
            statement.setObject(3, at);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    /**
     * Texts of what was sampled and has none yet, each once. Asking for texts reads the server's whole text file, so
     * only when something new is there. A password in a utility statement is not kept.
     */
    int texts(Connection connection, Instant now) throws SQLException {
        String sql = """
                /* caretaker.statement-texts */
                with missing as materialized (
                  select distinct s.query_id
                  from caretaker.statement_sample s
                  where s.taken_at = (select max(taken_at) from caretaker.statement_sample)
                    and s.query_id <> 0
                    and not exists (select 1 from caretaker.statement_text t where t.query_id = s.query_id)
                )
                insert into caretaker.statement_text (query_id, query, first_seen_at)
                select distinct on (m.query_id) m.query_id,
                  regexp_replace(left(s.query, %d), '(password\\s+)(e?''([^'']|'''')*''?)', '\\1''...''', 'gi'), ?
                from missing m
                join pg_stat_statements(exists (select 1 from missing)) s on s.queryid = m.query_id
                where s.query is not null
                order by m.query_id
                on conflict (query_id) do nothing
                """.formatted(TEXT);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            return statement.executeUpdate();
        }
    }

    /**
     * What the server has put out of its list counts from zero if it comes back, so its base is of no use. Statements of users
     * whom this role may not look at any more are not out of the list: their number is hidden.
     */
    int dropBase(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.statement-base-drop */
                with present as materialized (
                  select s.userid, s.queryid
                  from pg_stat_statements(false) s
                  where s.dbid = (select oid from pg_database where datname = current_database())
                )
                delete from caretaker.statement_base
                where (user_id, query_id) in (
                  select b.user_id, b.query_id
                  from caretaker.statement_base b
                  where not exists (select 1 from present p where p.userid = b.user_id and p.queryid = b.query_id)
                    and b.user_id not in (select p.userid from present p where p.queryid is null and p.userid is not null)
                  limit %d
                )
                """.formatted(BATCH);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return statement.executeUpdate();
        }
    }

    /** Texts of which no window is kept any more. One that is younger may be about to have its first. */
    int dropTexts(Connection connection, Instant before) throws SQLException {
        String sql = """
                /* caretaker.statement-text-drop */
                delete from caretaker.statement_text
                where query_id in (
                  select t.query_id
                  from caretaker.statement_text t
                  where t.first_seen_at < ?
                    and not exists (select 1 from caretaker.statement_sample s where s.query_id = t.query_id)
                  order by t.first_seen_at
                  limit %d
                )
                """.formatted(BATCH);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, before.atOffset(ZoneOffset.UTC));
            return statement.executeUpdate();
        }
    }

    List<Total> top(Connection connection, Instant since, StatementOrder order, int limit) throws SQLException {
        // The order is one of an enum's constants.
        String sql = """
                /* caretaker.statement-top */
                select top.query_id, top.user_name, top.calls, top.total_ms, top.rows, top.hit, top.read, top.temp, top.percent,
                  coalesce(t.query, '') as query
                from (
                  select s.query_id, s.user_name, sum(s.calls) as calls, sum(s.total_ms) as total_ms, sum(s.rows) as rows,
                    sum(s.blocks_hit) as hit, sum(s.blocks_read) as read, sum(s.temp_blocks) as temp,
                    100 * sum(s.total_ms) / nullif(sum(sum(s.total_ms)) over (), 0) as percent,
                    row_number() over (order by s.query_id = 0, %s desc, s.query_id, s.user_name) as place
                  from caretaker.statement_sample s
                  where s.taken_at >= ?
                  group by s.query_id, s.user_name
                ) top
                left join caretaker.statement_text t on t.query_id = top.query_id
                where top.place <= ?
                order by top.place
                """.formatted(order.sql());
        List<Total> totals = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, since.atOffset(ZoneOffset.UTC));
            statement.setInt(2, limit);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    totals.add(total(rows));
                }
            }
        }
        return totals;
    }

    private static Total total(ResultSet rows) throws SQLException {
        long calls = rows.getLong("calls");
        double totalMs = rows.getDouble("total_ms");
        String queryId = rows.getString("query_id");
        boolean isOther = queryId.equals("0");
        return new Total(
                isOther ? "other" : queryId,
                rows.getString("user_name"),
                calls,
                round(totalMs),
                calls == 0 ? 0 : round(totalMs / calls),
                round(rows.getDouble("percent")),
                rows.getLong("rows"),
                rows.getLong("hit"),
                rows.getLong("read"),
                rows.getLong("temp"),
                rows.getString("query"));
    }

    /** Oldest first. Where there are more than an answer may have, the newest. */
    List<Window> windows(Connection connection, long queryId, Instant since) throws SQLException {
        String sql = """
                /* caretaker.statement-windows */
                select taken_at, max(seconds) as seconds, sum(calls) as calls, sum(total_ms) as total_ms, sum(rows) as rows,
                  sum(blocks_read) as read
                from caretaker.statement_sample
                where query_id = ?
                  and taken_at >= ?
                group by taken_at
                order by taken_at desc
                limit %d
                """.formatted(MOST_WINDOWS);
        List<Window> windows = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, queryId);
            statement.setObject(2, since.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    windows.add(new Window(
                            rows.getObject("taken_at", OffsetDateTime.class).toInstant(),
                            round(rows.getDouble("seconds")),
                            rows.getLong("calls"),
                            round(rows.getDouble("total_ms")),
                            rows.getLong("rows"),
                            rows.getLong("read")));
                }
            }
        }
        Collections.reverse(windows);
        return windows;
    }

    Optional<String> text(Connection connection, long queryId) throws SQLException {
        String sql = """
                /* caretaker.statement-text */
                select query
                from caretaker.statement_text
                where query_id = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, queryId);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(rows.getString("query")) : Optional.empty();
            }
        }
    }

    private static double round(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
