package io.pgcaretaker.monitoring.collect;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts what users did in the last day and the last week, by the operator's statements: each a select of one number
 * with one parameter, the beginning of the time.
 */
record ActivityCollector(Map<String, String> statements) implements Collector {

    private static final Map<String, Integer> DAYS = new TreeMap<>(Map.of("day", 1, "week", 7));

    ActivityCollector {
        statements = Map.copyOf(statements);
    }

    @Override
    public String name() {
        return "user_activity";
    }

    @Override
    public Pace pace() {
        return Pace.SLOW;
    }

    @Override
    public VersionRange versions() {
        return VersionRange.ALL;
    }

    @Override
    public String needs() {
        return "what the statements under caretaker.monitoring.activity read: grant it, or correct them";
    }

    @Override
    public List<Family> families() {
        return List.of();
    }

    /** No row when nothing is configured. */
    @Override
    public Rows collect(Connection connection, Deadline deadline) throws SQLException {
        List<Row> rows = new ArrayList<>();
        for (Map.Entry<String, String> entry : new TreeMap<>(statements).entrySet()) {
            for (Map.Entry<String, Integer> time : DAYS.entrySet()) {
                Map<String, @Nullable Object> columns = new LinkedHashMap<>();
                columns.put("what", entry.getKey());
                columns.put("in", time.getKey());
                columns.put("count", count(connection, deadline, entry, time.getValue()));
                rows.add(new Row(columns));
            }
        }
        return new Rows(rows, 24L * rows.size());
    }

    private static long count(Connection connection, Deadline deadline, Map.Entry<String, String> named, int days)
            throws SQLException {
        try {
            return count(connection, deadline, named.getValue(), days);
        } catch (SQLException e) {
            throw new SQLException(
                    "caretaker.monitoring.activity." + named.getKey() + ": " + e.getMessage(), e.getSQLState(), e);
        }
    }

    private static long count(Connection connection, Deadline deadline, String sql, int days) throws SQLException {
        OffsetDateTime since = now(connection).minusDays(days);
        deadline.renew(connection);
        try (PreparedStatement statement =
                connection.prepareStatement("/* caretaker.collect.user-activity */ " + sql)) {
            statement.setObject(1, since);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    /** The database's clock: it wrote the times that are compared. */
    private static OffsetDateTime now(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select now()");
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getObject(1, OffsetDateTime.class).withOffsetSameInstant(ZoneOffset.UTC);
        }
    }
}
