package io.pgcaretaker.monitoring.latency;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what pg_stat_statements counts of this database. */
final class LatencyRepository {

    /** So many windows say what is usual. */
    private static final int WINDOWS = 3;

    /** Without texts: those are in a file of the server, which is then left alone. */
    List<StatementCount> counts(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.latency-counts */
                select s.userid::bigint, coalesce(s.queryid, %d), sum(s.calls)::bigint, sum(s.total_exec_time)
                from pg_stat_statements(false) s
                where s.dbid = (select oid from pg_database where datname = current_database())
                group by 1, 2
                """.formatted(StatementCount.HIDDEN);
        List<StatementCount> counts = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                counts.add(new StatementCount(rows.getLong(1), rows.getLong(2), rows.getLong(3), rows.getDouble(4)));
            }
        }
        return counts;
    }

    /**
     * Which of these are not the application's: Caretaker's own, which name its schema or its tag; what watches and
     * maintains, which reads the catalogue; and what only opens, closes or sets, which everybody shares.
     *
     * <p>Materialized, as PostgreSQL would else search the texts of all statements first: a search seems cheaper to it
     * than a list of ids, and was five times as dear with 5,000 texts of 20 kB.
     */
    Set<Long> notTheApplications(Connection connection, Collection<Long> queryIds) throws SQLException {
        String sql = """
                /* caretaker.latency-own */
                with asked as materialized (
                  select s.queryid, s.query
                  from pg_stat_statements(true) s
                  where s.queryid = any(?)
                    and s.dbid = (select oid from pg_database where datname = current_database())
                )
                select distinct queryid
                from asked
                where query ~ '\\mcaretaker\\.'
                  or query ~* '\\m(pg_|information_schema\\.)'
                  or query ~* ('^\\s*(begin|start|commit|end|rollback|abort|savepoint|release|set|reset|show|discard|'
                    || 'deallocate|listen|unlisten|notify|vacuum|analyze|checkpoint)\\M')
                  or query ~* '^\\s*select\\s+set_config\\s*\\('
                """;
        Set<Long> own = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("bigint", queryIds.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    own.add(rows.getLong(1));
                }
            }
        }
        return own;
    }

    /** How long one call takes, by statement: the median of the windows since then. */
    Map<Long, Double> usualMs(Connection connection, Instant since) throws SQLException {
        String sql = """
                /* caretaker.latency-usual */
                select query_id, percentile_cont(0.5) within group (order by total_ms / calls)
                from (
                  select taken_at, query_id, sum(total_ms) as total_ms, sum(calls) as calls
                  from caretaker.statement_sample
                  where taken_at >= ?
                    and query_id <> 0
                  group by taken_at, query_id) as windows
                where calls > 0
                group by query_id
                having count(*) >= %d
                """.formatted(WINDOWS);
        Map<Long, Double> usual = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, since.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    usual.put(rows.getLong(1), rows.getDouble(2));
                }
            }
        }
        return usual;
    }
}
