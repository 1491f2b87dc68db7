package io.pgcaretaker.monitoring.alert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What changes an incident. Every method works in the caller's transaction, which has the deadline. */
final class IncidentWriter {

    private final ObjectMapper json;

    IncidentWriter(ObjectMapper json) {
        this.json = json;
    }

    /**
     * A new incident.
     *
     * @param firedAt absent while it is pending
     * @param clearSince present for one that is over already, such as an outage that could not be written while it lasted
     */
    void insert(
            Connection connection,
            Rule rule,
            Observation.Wrong wrong,
            Instant since,
            @Nullable Instant firedAt,
            @Nullable Instant clearSince,
            Instant now)
            throws SQLException {
        String sql = """
                /* caretaker.incident-insert */
                insert into caretaker.incident (rule, fingerprint, severity, labels, state, summary, value, threshold,
                  advice, pending_since, fired_at, clear_since, last_seen_at)
                values (?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                on conflict (fingerprint) where state in ('pending', 'firing') do update
                set clear_since = excluded.clear_since,
                    last_seen_at = excluded.last_seen_at
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, rule.name());
            statement.setString(2, rule.fingerprint());
            statement.setString(3, rule.severity().word());
            statement.setString(4, labels(rule));
            statement.setString(5, firedAt == null ? "pending" : "firing");
            statement.setString(6, wrong.summary());
            statement.setString(7, wrong.value());
            statement.setString(8, wrong.threshold());
            statement.setString(9, rule.advice());
            statement.setObject(10, utc(since));
            statement.setObject(11, firedAt == null ? null : utc(firedAt));
            statement.setObject(12, clearSince == null ? null : utc(clearSince));
            statement.setObject(13, utc(now));
            statement.executeUpdate();
        }
    }

    /** Still wrong: what is measured now, and firing if that is so. */
    void go(Connection connection, UUID id, Observation.Wrong wrong, boolean firing, Instant now) throws SQLException {
        String sql = """
                /* caretaker.incident-go */
                update caretaker.incident
                set state = case when ? then 'firing' else state end,
                    fired_at = case when ? then coalesce(fired_at, ?) else fired_at end,
                    summary = ?,
                    value = ?,
                    threshold = ?,
                    last_seen_at = ?,
                    clear_since = null
                where id = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBoolean(1, firing);
            statement.setBoolean(2, firing);
            statement.setObject(3, utc(now));
            statement.setString(4, wrong.summary());
            statement.setString(5, wrong.value());
            statement.setString(6, wrong.threshold());
            statement.setObject(7, utc(now));
            statement.setObject(8, id);
            statement.executeUpdate();
        }
    }

    /** Well since now, unless it has been before. */
    void waitFor(Connection connection, UUID id, Instant now) throws SQLException {
        String sql = """
                /* caretaker.incident-wait */
                update caretaker.incident
                set clear_since = coalesce(clear_since, ?)
                where id = ?
                """;
        update(connection, sql, utc(now), id);
    }

    void forget(Connection connection, UUID id) throws SQLException {
        update(connection, """
                /* caretaker.incident-forget */
                delete from caretaker.incident
                where id = ?
                  and state = 'pending'
                """, id);
    }

    void resolve(Connection connection, UUID id, Instant at, String value) throws SQLException {
        String sql = """
                /* caretaker.incident-resolve */
                update caretaker.incident
                set state = 'resolved',
                    resolved_at = greatest(?, fired_at),
                    value = ?
                where id = ?
                  and state = 'firing'
                """;
        update(connection, sql, utc(at), value, id);
    }

    void mailed(Connection connection, UUID id, MailPolicy.Kind kind, Instant now) throws SQLException {
        String sql = """
                /* caretaker.incident-mailed */
                update caretaker.incident
                set opening_mail_at = coalesce(opening_mail_at, ?),
                    last_mail_at = ?,
                    reminders = reminders + ?
                where id = ?
                """;
        update(connection, sql, utc(now), utc(now), kind == MailPolicy.Kind.REMINDER ? 1 : 0, id);
    }

    void closed(Connection connection, UUID id, Instant now) throws SQLException {
        update(connection, """
                /* caretaker.incident-closing-mailed */
                update caretaker.incident
                set closing_mail_at = ?
                where id = ?
                """, utc(now), id);
    }

    private static void update(Connection connection, String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            statement.executeUpdate();
        }
    }

    private String labels(Rule rule) {
        try {
            return json.writeValueAsString(rule.labels());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("labels are texts", e);
        }
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
