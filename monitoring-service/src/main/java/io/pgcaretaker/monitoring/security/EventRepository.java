package io.pgcaretaker.monitoring.security;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Security events in PostgreSQL. Every method works in the caller's transaction, which has the deadline. */
final class EventRepository {

    /** A request that was answered before. */
    record Earlier(String bodyHash, int accepted) {}

    void insert(Connection connection, List<SecurityEvent> events, String reportedBy) throws SQLException {
        String sql = """
                /* caretaker.security-event-insert */
                insert into caretaker.security_event (occurred_at, event, level, reported_by, application, account_hash,
                  address_hash, network, request_method, request_path)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (SecurityEvent event : events) {
                statement.setObject(1, event.occurredAt().atOffset(ZoneOffset.UTC));
                statement.setString(2, event.event());
                statement.setString(3, event.level().word());
                statement.setString(4, reportedBy);
                statement.setString(5, event.application());
                statement.setString(6, event.accountHash());
                statement.setString(7, event.addressHash());
                statement.setString(8, event.network());
                statement.setString(9, event.requestMethod());
                statement.setString(10, event.requestPath());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /**
     * Takes the key for this request. A second request with it waits here until the first has committed.
     *
     * @return what was answered before, if it was
     */
    Optional<Earlier> claim(Connection connection, String reportedBy, String key, String bodyHash, int accepted)
            throws SQLException {
        String sql = """
                /* caretaker.security-event-claim */
                insert into caretaker.security_event_request (reported_by, idempotency_key, body_hash, accepted)
                values (?, ?, ?, ?)
                on conflict (reported_by, idempotency_key) do nothing
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, reportedBy);
            statement.setString(2, key);
            statement.setString(3, bodyHash);
            statement.setInt(4, accepted);
            return statement.executeUpdate() == 1 ? Optional.empty() : earlier(connection, reportedBy, key);
        }
    }

    private static Optional<Earlier> earlier(Connection connection, String reportedBy, String key) throws SQLException {
        String sql = """
                /* caretaker.security-event-earlier */
                select body_hash, accepted
                from caretaker.security_event_request
                where reported_by = ?
                  and idempotency_key = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, reportedBy);
            statement.setString(2, key);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next()
                        ? Optional.of(new Earlier(rows.getString("body_hash"), rows.getInt("accepted")))
                        : Optional.empty();
            }
        }
    }

    String pseudonymKey(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.security-pseudonym-key */
                select key
                from caretaker.security_pseudonym_key
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                throw new SQLException("caretaker.security_pseudonym_key is empty; set SECURITY_PSEUDONYM_KEY");
            }
            return rows.getString("key");
        }
    }
}
