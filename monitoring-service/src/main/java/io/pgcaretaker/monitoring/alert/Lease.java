package io.pgcaretaker.monitoring.alert;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;

/** The right to evaluate, or to call the webhook: a row, held on the database's clock. */
final class Lease {

    static final String ALERTS = "alerts";
    static final String WEBHOOK = "webhook";

    private final String name;
    private final UUID holder;
    private final long seconds;

    Lease(String name, UUID holder, Duration duration) {
        this.name = name;
        this.holder = holder;
        this.seconds = duration.toSeconds();
    }

    /**
     * Takes or prolongs it in the caller's transaction. Until that ends the row is locked, so that nobody can take the
     * lease away between this and the last write: the lock is the fence.
     */
    boolean acquire(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.alert-lease */
                insert into caretaker.monitoring_lease as l (name, holder, until)
                values (?, ?, clock_timestamp() + make_interval(secs => ?))
                on conflict (name) do update
                set holder = excluded.holder,
                    fence = l.fence + case when l.holder = excluded.holder then 0 else 1 end,
                    until = excluded.until
                where l.holder = excluded.holder
                  or l.until < clock_timestamp()
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            statement.setObject(2, holder);
            statement.setLong(3, seconds);
            return statement.executeUpdate() == 1;
        }
    }

    /** False when it was another's. */
    boolean release(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.alert-lease-release */
                update caretaker.monitoring_lease
                set until = clock_timestamp()
                where name = ?
                  and holder = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            statement.setObject(2, holder);
            return statement.executeUpdate() == 1;
        }
    }
}
