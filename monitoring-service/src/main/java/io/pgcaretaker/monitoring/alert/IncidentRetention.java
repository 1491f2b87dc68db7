package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.monitoring.Transaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import javax.sql.DataSource;

/** Lets incidents and silences go that ended long ago; an open one stays however old it is. */
final class IncidentRetention {

    /** As many at once as are in nobody's way. */
    static final int BATCH = 5_000;

    private final DataSource database;
    private final Duration retention;
    private final Clock clock;

    IncidentRetention(DataSource database, Duration retention, Clock clock) {
        this.database = database;
        this.retention = retention;
        this.clock = clock;
    }

    void removeOld() throws SQLException {
        Instant before = clock.instant().minus(retention);
        remove("incident", "resolved_at", before);
        remove("silence", "ends_at", before);
    }

    private void remove(String table, String end, Instant before) throws SQLException {
        int removed = BATCH;
        while (removed == BATCH) {
            removed = Transaction.run(
                    database, table + "-remove-old", connection -> removeBatch(connection, table, end, before));
        }
    }

    /** The names are constants of ours. */
    private static int removeBatch(Connection connection, String table, String end, Instant before)
            throws SQLException {
        String sql = """
                /* caretaker.%1$s-remove-old */
                delete from caretaker.%1$s
                where id in (
                  select id
                  from caretaker.%1$s
                  where %2$s < ?
                  order by %2$s
                  limit %3$d
                  for update skip locked
                )
                """.formatted(table, end, BATCH);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, before.atOffset(ZoneOffset.UTC));
            return statement.executeUpdate();
        }
    }
}
