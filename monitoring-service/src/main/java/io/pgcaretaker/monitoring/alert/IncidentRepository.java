package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.monitoring.collect.Contact;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Incidents in PostgreSQL. Every method works in the caller's transaction, which has the deadline. */
final class IncidentRepository {

    /** Two replicas see the same outage begin and end some looks apart. */
    private static final Duration SAME_OUTAGE = Duration.ofSeconds(10);

    /** Pending and firing ones by fingerprint. */
    Map<String, OpenIncident> open(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.incident-open */
                select id, fingerprint, state = 'firing' as firing, rule, severity, summary, value, threshold, advice,
                  pending_since, last_seen_at, clear_since, acknowledged_at is not null as acknowledged,
                  opening_mail_at, last_mail_at, reminders
                from caretaker.incident
                where state in ('pending', 'firing')
                """;
        Map<String, OpenIncident> open = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                OpenIncident incident = incident(rows);
                open.put(incident.fingerprint(), incident);
            }
        }
        return open;
    }

    private static OpenIncident incident(ResultSet rows) throws SQLException {
        return new OpenIncident(
                rows.getObject("id", UUID.class),
                rows.getString("fingerprint"),
                rows.getBoolean("firing"),
                rows.getString("rule"),
                rows.getString("severity"),
                rows.getString("summary"),
                rows.getString("value"),
                rows.getString("threshold"),
                rows.getString("advice"),
                required(rows, "pending_since"),
                required(rows, "last_seen_at"),
                instant(rows, "clear_since"),
                rows.getBoolean("acknowledged"),
                instant(rows, "opening_mail_at"),
                instant(rows, "last_mail_at"),
                rows.getInt("reminders"));
    }

    /** True when an outage that overlaps this one is written already, by this replica or another. */
    boolean knows(Connection connection, String fingerprint, Contact.Outage outage, Instant now) throws SQLException {
        String sql = """
                /* caretaker.incident-knows-outage */
                select exists (
                  select 1
                  from caretaker.incident
                  where fingerprint = ?
                    and pending_since <= ?
                    and coalesce(clear_since, resolved_at, ?) >= ?
                )
                """;
        Instant end = outage.end() == null ? now : outage.end();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, fingerprint);
            statement.setObject(2, utc(end.plus(SAME_OUTAGE)));
            statement.setObject(3, utc(now));
            statement.setObject(4, utc(outage.start().minus(SAME_OUTAGE)));
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static Instant required(ResultSet rows, String column) throws SQLException {
        Instant instant = instant(rows, column);
        if (instant == null) {
            throw new SQLException(column + " is null");
        }
        return instant;
    }

    private static @Nullable Instant instant(ResultSet rows, String column) throws SQLException {
        OffsetDateTime time = rows.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
