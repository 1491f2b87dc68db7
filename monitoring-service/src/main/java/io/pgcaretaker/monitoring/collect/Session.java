package io.pgcaretaker.monitoring.collect;

import io.pgcaretaker.database.Pooler;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import org.jboss.logging.Logger;

/** One connection of a lane and what is known of the server behind it. */
final class Session {

    private static final Logger LOG = Logger.getLogger(Session.class);

    /**
     * For the transaction only, which works through a transaction pooler; one statement, since five are five messages each
     * way. The driver gives the session this machine's time zone, in which a column without one would be compared. The
     * server cancels first, the watchdog a second later. Compiling a statement over the catalogue takes longer than running it.
     */
    private static final String SETTINGS = """
            /* caretaker.collect-deadline */
            select set_config('statement_timeout', ?, true),
              set_config('lock_timeout', '300', true),
              set_config('timezone', 'UTC', true),
              set_config('jit', 'off', true),
              set_config('idle_in_transaction_session_timeout', '10000', true)
            """;

    /**
     * Or a transaction keeps a copy of the statistics of every relation that it asks for, 13 MB of 50,000 ones. Up to
     * PostgreSQL 14 they are a file, which is read whole.
     */
    private static final String NO_COPIES = ", set_config('stats_fetch_consistency', 'none', true)\n";

    private static final int STATISTICS_IN_MEMORY = 150_000;

    private final Connection connection;
    private final int version;

    private Session(Connection connection, int version) {
        this.connection = connection;
        this.version = version;
    }

    static Session open(Connector connector) throws SQLException {
        Connection connection = connector.open();
        try {
            // What is asked every few seconds takes longer to be planned than to be run: planned once, where that can
            // be.
            Pooler.withoutPreparedStatements(connection);
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            int major = connection.getMetaData().getDatabaseMajorVersion();
            int minor = connection.getMetaData().getDatabaseMinorVersion();
            return new Session(connection, major * 10_000 + minor);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    int version() {
        return version;
    }

    Connection connection() {
        return connection;
    }

    /** A transaction of its own, so that one that fails leaves the others whole. */
    Rows run(Collector collector, Duration deadline) throws SQLException {
        Deadline end = Deadline.in(deadline);
        try (PreparedStatement statement = connection.prepareStatement(settings())) {
            statement.setString(1, String.valueOf(deadline.toMillis()));
            statement.execute();
        }
        Rows rows = collector.collect(connection, end);
        connection.commit();
        return rows;
    }

    private String settings() {
        return version < STATISTICS_IN_MEMORY ? SETTINGS : SETTINGS + NO_COPIES;
    }

    /** Ends the failed transaction; false when the connection is of no more use. */
    boolean rollback() {
        try {
            connection.rollback();
            return !connection.isClosed();
        } catch (SQLException e) {
            LOG.debugf(e, "a connection is given up");
            return false;
        }
    }

    /** Never waits for the server. */
    void abandon() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debugf(e, "a connection that is already gone");
        }
    }
}
