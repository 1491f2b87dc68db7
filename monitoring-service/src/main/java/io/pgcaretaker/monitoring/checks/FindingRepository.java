package io.pgcaretaker.monitoring.checks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Findings over time. Every method works in the caller's transaction, which has the deadline. */
final class FindingRepository {

    private static final String COLUMNS = "id, check_id, object, severity, evidence, fix, first_seen_at, last_seen_at,"
            + " gone_at, acknowledged_at, acknowledged_by, note";

    /** Writes down what a check sees now. What it no longer sees is gone; only a look that succeeded may say so. */
    void record(Connection connection, String check, String severity, List<CheckResult.Seen> seen, Instant at)
            throws SQLException {
        String add = """
                /* caretaker.finding-record */
                insert into caretaker.finding as f (check_id, object, severity, evidence, fix, first_seen_at, last_seen_at)
                values (?, ?, ?, ?, ?, ?, ?)
                on conflict (check_id, object) where gone_at is null do update
                set evidence = excluded.evidence,
                    fix = excluded.fix,
                    severity = excluded.severity,
                    last_seen_at = greatest(f.last_seen_at, excluded.last_seen_at)
                """;
        OffsetDateTime when = at.atOffset(ZoneOffset.UTC);
        try (PreparedStatement statement = connection.prepareStatement(add)) {
            for (CheckResult.Seen one : seen) {
                statement.setString(1, check);
                statement.setString(2, one.object());
                statement.setString(3, severity);
                statement.setString(4, one.evidence());
                statement.setString(5, one.fix());
                statement.setObject(6, when);
                statement.setObject(7, when);
                statement.addBatch();
            }
            statement.executeBatch();
        }
        String gone = """
                /* caretaker.finding-gone */
                update caretaker.finding
                set gone_at = ?
                where check_id = ?
                  and gone_at is null
                  and last_seen_at < ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(gone)) {
            statement.setObject(1, when);
            statement.setString(2, check);
            statement.setObject(3, when);
            statement.executeUpdate();
        }
    }

    List<Finding> list(Connection connection, boolean present, @Nullable String check, int offset, int limit)
            throws SQLException {
        String sql = """
                /* caretaker.finding-list */
                select %s
                from caretaker.finding
                where (gone_at is null) = ?
                  and (?::text is null or check_id = ?)
                order by first_seen_at desc, id
                offset ?
                limit ?
                """.formatted(COLUMNS);
        List<Finding> findings = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBoolean(1, present);
            statement.setString(2, check);
            statement.setString(3, check);
            statement.setInt(4, offset);
            statement.setInt(5, limit);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    findings.add(finding(rows));
                }
            }
        }
        return findings;
    }

    long count(Connection connection, boolean present, @Nullable String check) throws SQLException {
        String sql = """
                /* caretaker.finding-count */
                select count(*)
                from caretaker.finding
                where (gone_at is null) = ?
                  and (?::text is null or check_id = ?)
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBoolean(1, present);
            statement.setString(2, check);
            statement.setString(3, check);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    /** Repeating it changes nothing: who was first stays. */
    Optional<Finding> acknowledge(Connection connection, UUID id, String by, @Nullable String note, Instant at)
            throws SQLException {
        String sql = """
                /* caretaker.finding-acknowledge */
                update caretaker.finding
                set acknowledged_at = coalesce(acknowledged_at, ?),
                    note = case when acknowledged_at is null then ? else note end,
                    acknowledged_by = coalesce(acknowledged_by, ?)
                where id = ?
                returning %s
                """.formatted(COLUMNS);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, at.atOffset(ZoneOffset.UTC));
            statement.setString(2, note);
            statement.setString(3, by);
            statement.setObject(4, id);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(finding(rows)) : Optional.empty();
            }
        }
    }

    /** Findings that have been gone for longer than a year. */
    int drop(Connection connection, Instant before) throws SQLException {
        String sql = """
                /* caretaker.finding-drop */
                delete from caretaker.finding
                where id in (
                  select id
                  from caretaker.finding
                  where gone_at < ?
                  order by gone_at
                  limit 1000
                )
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, before.atOffset(ZoneOffset.UTC));
            return statement.executeUpdate();
        }
    }

    private static Finding finding(ResultSet rows) throws SQLException {
        return new Finding(
                rows.getObject("id", UUID.class),
                rows.getString("check_id"),
                rows.getString("object"),
                rows.getString("severity"),
                rows.getString("evidence"),
                rows.getString("fix"),
                rows.getObject("first_seen_at", OffsetDateTime.class).toInstant(),
                rows.getObject("last_seen_at", OffsetDateTime.class).toInstant(),
                instant(rows, "gone_at"),
                instant(rows, "acknowledged_at"),
                rows.getString("acknowledged_by"),
                rows.getString("note"));
    }

    private static @Nullable Instant instant(ResultSet rows, String column) throws SQLException {
        OffsetDateTime time = rows.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
