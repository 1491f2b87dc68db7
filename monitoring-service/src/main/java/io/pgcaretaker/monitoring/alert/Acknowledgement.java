package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.monitoring.Transaction;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Somebody sees to an incident. */
@Singleton
class Acknowledgement {

    /** What came of it. */
    enum Outcome {
        DONE,
        ALREADY,
        RESOLVED,
        NOT_FOUND
    }

    private final DataSource database;
    private final Clock clock;

    Acknowledgement(DataSource database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    Outcome by(UUID incident, String name, @Nullable String note) throws SQLException {
        return Transaction.run(
                database,
                "incident-acknowledge",
                connection -> write(connection, incident, name, note) ? Outcome.DONE : look(connection, incident));
    }

    private boolean write(Connection connection, UUID incident, String name, @Nullable String note)
            throws SQLException {
        String sql = """
                /* caretaker.incident-acknowledge */
                update caretaker.incident
                set acknowledged_at = ?,
                    acknowledged_by = ?,
                    note = ?
                where id = ?
                  and state <> 'resolved'
                  and acknowledged_at is null
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, clock.instant().atOffset(ZoneOffset.UTC));
            statement.setString(2, name);
            statement.setString(3, note);
            statement.setObject(4, incident);
            return statement.executeUpdate() == 1;
        }
    }

    private static Outcome look(Connection connection, UUID incident) throws SQLException {
        String sql = """
                /* caretaker.incident-state */
                select state
                from caretaker.incident
                where id = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, incident);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return Outcome.NOT_FOUND;
                }
                return "resolved".equals(rows.getString("state")) ? Outcome.RESOLVED : Outcome.ALREADY;
            }
        }
    }
}
