package io.pgcaretaker.monitoring.collect;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;

/**
 * When a look must be over. A look of several statements gives each what is left of it: each with the whole would outlast
 * the watchdog, and a database that answers would be called one that does not.
 */
public final class Deadline {

    private final long end;

    private Deadline(long end) {
        this.end = end;
    }

    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** For the statements after the first: the transaction began with the whole. */
    public void renew(Connection connection) throws SQLException {
        // Zero would be none at all.
        long left = Math.max(1, Duration.ofNanos(end - System.nanoTime()).toMillis());
        try (PreparedStatement statement = connection.prepareStatement(
                "/* caretaker.collect-time-left */ select set_config('statement_timeout', ?, true)")) {
            statement.setString(1, String.valueOf(left));
            statement.execute();
        }
    }
}
