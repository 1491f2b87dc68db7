package io.pgcaretaker.monitoring.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What happened in a time, for the digest. Every method works in the caller's transaction, which has the deadline. */
final class DigestRepository {

    private static final String QUERY_CANCELED = "57014";

    /** An incident that was open in the time. */
    record Incident(
            String rule,
            String severity,
            String state,
            String summary,
            Instant since,
            @Nullable Instant until) {}

    /** A finding that came or is there; {@code isNew} when it came in the time. */
    @Schema(name = "DigestFinding")
    record Finding(
            String check,
            String object,
            String severity,
            String evidence,
            @Nullable String fix,
            boolean isNew) {}

    /** Security events of one kind. */
    record Events(String event, long number) {}

    List<Incident> incidents(Connection connection, Instant since) throws SQLException {
        String sql = """
                /* caretaker.digest-incidents */
                select rule, severity, state, summary, pending_since, resolved_at
                from caretaker.incident
                where state <> 'pending'
                  and (state = 'firing' or resolved_at >= ?)
                order by pending_since desc, id
                limit 50
                """;
        List<Incident> all = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, since.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    OffsetDateTime until = rows.getObject("resolved_at", OffsetDateTime.class);
                    all.add(new Incident(
                            rows.getString("rule"),
                            rows.getString("severity"),
                            rows.getString("state"),
                            rows.getString("summary"),
                            rows.getObject("pending_since", OffsetDateTime.class)
                                    .toInstant(),
                            until == null ? null : until.toInstant()));
                }
            }
        }
        return all;
    }

    /** What is to be done, the worst first; what somebody has acknowledged is decided. */
    List<Finding> findings(Connection connection, Instant since) throws SQLException {
        String sql = """
                /* caretaker.digest-findings */
                select check_id, object, severity, evidence, fix, first_seen_at >= ? as is_new
                from caretaker.finding
                where gone_at is null
                  and acknowledged_at is null
                order by array_position(array['critical', 'warning', 'info'], severity), first_seen_at desc, id
                limit 50
                """;
        List<Finding> all = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, since.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    all.add(new Finding(
                            rows.getString("check_id"),
                            rows.getString("object"),
                            rows.getString("severity"),
                            rows.getString("evidence"),
                            rows.getString("fix"),
                            rows.getBoolean("is_new")));
                }
            }
        }
        return all;
    }

    /** Null where they are too many to be counted within the deadline of a statement: what else is told does not wait for that. */
    @Nullable
    List<Events> security(Connection connection, Instant since) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            return counted(connection, since);
        } catch (SQLException e) {
            if (!QUERY_CANCELED.equals(e.getSQLState())) {
                throw e;
            }
            connection.rollback(before);
            return null;
        }
    }

    private static List<Events> counted(Connection connection, Instant since) throws SQLException {
        String sql = """
                /* caretaker.digest-security */
                select event, count(*) as number
                from caretaker.security_event
                where occurred_at >= ?
                group by event
                order by number desc, event
                limit 20
                """;
        List<Events> all = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, since.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    all.add(new Events(rows.getString("event"), rows.getLong("number")));
                }
            }
        }
        return all;
    }
}
