package io.pgcaretaker.database;

import io.agroal.api.AgroalPoolInterceptor;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.postgresql.PGConnection;

/**
 * Finds out whether a pooler stands between, whatever {@code DATABASE_URL} says of it. A transaction pooler gives each
 * transaction whichever server session is free: a statement that was prepared under a name in one is not there in the next, or
 * is another client's of the same name, which would then be run instead. A session that is not the one it was said to be at
 * its beginning is therefore used without server-side prepared statements.
 */
@Singleton
class PooledSessions implements AgroalPoolInterceptor {

    private static final Logger LOG = Logger.getLogger(PooledSessions.class);

    private static final int DEADLINE_SECONDS = 2;

    private final AtomicBoolean told = new AtomicBoolean();

    @Override
    public void onConnectionCreate(Connection connection) {
        try {
            PGConnection session = connection.unwrap(PGConnection.class);
            if (session.getPrepareThreshold() != 0 && session.getBackendPID() != answering(connection)) {
                session.setPrepareThreshold(0);
                if (told.compareAndSet(false, true)) {
                    LOG.info("a pooler stands before the database: no server-side prepared statements");
                }
            }
        } catch (SQLException e) {
            // Whoever uses it finds the same, and says what it was for.
            LOG.debugf("new session does not answer sqlstate=%s", e.getSQLState());
        }
    }

    private static int answering(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            try (ResultSet row = statement.executeQuery("/* caretaker.session */ select pg_backend_pid()")) {
                row.next();
                return row.getInt(1);
            }
        }
    }
}
