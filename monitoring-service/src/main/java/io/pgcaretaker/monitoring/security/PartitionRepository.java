package io.pgcaretaker.monitoring.security;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Partitions of the security events. Names are made of a year and a month, so nothing foreign gets into the SQL. Every
 * method works in the caller's transaction, which has the deadlines; two replicas at once are kept apart by a lock.
 */
final class PartitionRepository {

    private static final Pattern NAME = Pattern.compile("security_event_p([0-9]{4})_([0-9]{2})");

    /** False when another replica is at it. */
    boolean lock(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.security-partition-lock */
                select pg_try_advisory_xact_lock(hashtextextended('caretaker.security_event.partitions', 0))
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() && rows.getBoolean(1);
        }
    }

    List<YearMonth> months(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.security-partition-list */
                select c.relname
                from pg_inherits i
                join pg_class c on c.oid = i.inhrelid
                where i.inhparent = 'caretaker.security_event'::regclass
                order by c.relname
                """;
        List<YearMonth> months = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                Matcher name = NAME.matcher(rows.getString("relname"));
                if (name.matches()) {
                    months.add(YearMonth.of(Integer.parseInt(name.group(1)), Integer.parseInt(name.group(2))));
                }
            }
        }
        return months;
    }

    /** Whether the default partition holds more events of a month; no more of them are read. */
    boolean hasMoreThan(int most, Connection connection, YearMonth month) throws SQLException {
        String sql = """
                /* caretaker.security-partition-count */
                select exists (
                  select 1
                  from caretaker.security_event_default
                  where occurred_at >= ?
                    and occurred_at < ?
                  offset ?
                )
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, month.atDay(1).atStartOfDay().atOffset(ZoneOffset.UTC));
            statement.setObject(2, month.plusMonths(1).atDay(1).atStartOfDay().atOffset(ZoneOffset.UTC));
            statement.setInt(3, most);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }

    /**
     * Makes a month's partition. What the default partition holds of that month moves over first: a partition cannot be
     * made beside rows that belong into it.
     */
    void create(Connection connection, YearMonth month) throws SQLException {
        String name = name(month);
        String from = month.atDay(1) + "T00:00:00Z";
        String to = month.plusMonths(1).atDay(1) + "T00:00:00Z";
        execute(connection, """
                /* caretaker.security-partition-create */
                create table caretaker.%1$s (like caretaker.security_event including defaults including constraints);
                with moved as (
                  delete from caretaker.security_event_default
                  where occurred_at >= '%2$s'
                    and occurred_at < '%3$s'
                  returning *
                )
                insert into caretaker.%1$s select * from moved;
                alter table caretaker.security_event attach partition caretaker.%1$s for values from ('%2$s') to ('%3$s')
                """.formatted(name, from, to));
    }

    void drop(Connection connection, YearMonth month) throws SQLException {
        execute(
                connection,
                "/* caretaker.security-partition-drop */ drop table if exists caretaker.%s".formatted(name(month)));
    }

    /** What the default partition holds of older times, a bounded number at once. */
    int ageOutDefault(Connection connection, Instant before, int limit) throws SQLException {
        String sql = """
                /* caretaker.security-event-age-out */
                delete from caretaker.security_event_default
                where ctid in (
                  select ctid
                  from caretaker.security_event_default
                  where occurred_at < ?
                  order by occurred_at
                  limit ?
                )
                """;
        return delete(connection, sql, before, limit);
    }

    /** Idempotency keys are remembered as long as a caller may still repeat. */
    int ageOutRequests(Connection connection, Instant before, int limit) throws SQLException {
        String sql = """
                /* caretaker.security-event-request-age-out */
                delete from caretaker.security_event_request
                where ctid in (
                  select ctid
                  from caretaker.security_event_request
                  where created_at < ?
                  order by created_at
                  limit ?
                )
                """;
        return delete(connection, sql, before, limit);
    }

    private static int delete(Connection connection, String sql, Instant before, int limit) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, before.atOffset(ZoneOffset.UTC));
            statement.setInt(2, limit);
            return statement.executeUpdate();
        }
    }

    private static String name(YearMonth month) {
        return "security_event_p%04d_%02d".formatted(month.getYear(), month.getMonthValue());
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
