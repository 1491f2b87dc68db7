package io.pgcaretaker.monitoring.console;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Reads {@code caretaker.operator_action}; {@link SessionAction} writes it. */
final class ActionRepository {

    long count(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.operator-action-count */
                select count(*)
                from caretaker.operator_action
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }

    List<OperatorAction> list(Connection connection, int offset, int limit) throws SQLException {
        String sql = """
                /* caretaker.operator-action-list */
                select id, at, done_by, action, pid, target, outcome
                from caretaker.operator_action
                order by at desc, id
                offset ?
                limit ?
                """;
        List<OperatorAction> actions = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, offset);
            statement.setInt(2, limit);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    actions.add(new OperatorAction(
                            rows.getObject("id", UUID.class),
                            rows.getObject("at", OffsetDateTime.class).toInstant(),
                            rows.getString("done_by"),
                            rows.getString("action"),
                            rows.getInt("pid"),
                            rows.getString("target"),
                            rows.getString("outcome")));
                }
            }
        }
        return actions;
    }
}
