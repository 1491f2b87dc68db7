package io.pgcaretaker.monitoring.alert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Incidents as others are told of them. Every method works in the caller's transaction, which has the deadline. */
final class OutgoingRepository {

    private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};
    private static final String COLUMNS =
            "id, rule, severity, labels::text as labels, state, summary, value, threshold, advice, pending_since, resolved_at";

    private final ObjectMapper json;

    OutgoingRepository(ObjectMapper json) {
        this.json = json;
    }

    /** What somebody else is told. */
    record Told(
            UUID id,
            String rule,
            String severity,
            Map<String, String> labels,
            String state,
            String summary,
            String value,
            String threshold,
            String advice,
            Instant startedAt,
            @Nullable Instant resolvedAt) {}

    /** Firing ones, and those that were resolved since. */
    List<Told> present(Connection connection, Instant since) throws SQLException {
        String sql = """
                /* caretaker.alert-present */
                select %s
                from caretaker.incident
                where state = 'firing'
                  or (state = 'resolved' and resolved_at >= ?)
                order by pending_since, id
                limit 500
                """.formatted(COLUMNS);
        return list(connection, sql, since);
    }

    /** Firing or resolved ones that the webhook has not taken; not those that are older than that. */
    List<Told> untold(Connection connection, Instant since) throws SQLException {
        String sql = """
                /* caretaker.webhook-due */
                select %s
                from caretaker.incident
                where fired_at >= ?
                  and (opening_webhook_at is null or (state = 'resolved' and closing_webhook_at is null))
                order by fired_at, id
                limit 20
                """.formatted(COLUMNS);
        return list(connection, sql, since);
    }

    void told(Connection connection, UUID id, boolean closing, Instant now) throws SQLException {
        String sql = """
                /* caretaker.webhook-told */
                update caretaker.incident
                set opening_webhook_at = coalesce(opening_webhook_at, ?),
                    closing_webhook_at = case when ? then ? else closing_webhook_at end
                where id = ?
                """;
        OffsetDateTime at = now.atOffset(ZoneOffset.UTC);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, at);
            statement.setBoolean(2, closing);
            statement.setObject(3, at);
            statement.setObject(4, id);
            statement.executeUpdate();
        }
    }

    private List<Told> list(Connection connection, String sql, Instant since) throws SQLException {
        List<Told> all = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, since.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    OffsetDateTime resolved = rows.getObject("resolved_at", OffsetDateTime.class);
                    all.add(new Told(
                            rows.getObject("id", UUID.class),
                            rows.getString("rule"),
                            rows.getString("severity"),
                            labels(rows.getString("labels")),
                            rows.getString("state"),
                            rows.getString("summary"),
                            rows.getString("value"),
                            rows.getString("threshold"),
                            rows.getString("advice"),
                            rows.getObject("pending_since", OffsetDateTime.class)
                                    .toInstant(),
                            resolved == null ? null : resolved.toInstant()));
                }
            }
        }
        return all;
    }

    private Map<String, String> labels(String text) throws SQLException {
        try {
            return json.readValue(text, LABELS);
        } catch (JsonProcessingException e) {
            throw new SQLException("labels are not JSON", e);
        }
    }
}
