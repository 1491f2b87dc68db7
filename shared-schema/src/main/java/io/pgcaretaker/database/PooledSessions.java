package io.pgcaretaker.database;

import io.agroal.api.AgroalPoolInterceptor;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.postgresql.PGConnection;

/**
 * What a new session of the pool is told. One behind a {@link Pooler} is told nothing: it may be somebody else's next. There a
 * role's or a database's default isolation is ours too, and what takes turns by locks may have to try again.
 */
@Singleton
class PooledSessions implements AgroalPoolInterceptor {

    private static final Logger LOG = Logger.getLogger(PooledSessions.class);

    private final AtomicBoolean told = new AtomicBoolean();

    @Override
    public void onConnectionCreate(Connection connection) {
        try {
            if (Pooler.withoutPreparedStatements(connection)) {
                if (told.compareAndSet(false, true)) {
                    LOG.info("a pooler stands before the database: no server-side prepared statements");
                }
            } else if (connection.unwrap(PGConnection.class).getPrepareThreshold() != 0) {
                makeOurs(connection);
            }
        } catch (SQLException e) {
            // Whoever uses it finds the same, and says what it was for.
            LOG.debugf("new session does not answer sqlstate=%s", e.getSQLState());
        }
    }

    /**
     * Whatever is the default: who waits for another's row is to find it as it is then, not to fail, and a session that rests in
     * the pool is not one that somebody has forgotten: ended, it would be a database that is away. PostgreSQL 14 and later know
     * that setting. What was answered, such as that a mail is accepted, is on disk by then: a crash of the server would undo it.
     */
    private static void makeOurs(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set session characteristics as transaction isolation level read committed;"
                    + " select /* caretaker.session */ set_config('idle_session_timeout', '0', false)"
                    + " where current_setting('idle_session_timeout', true) is not null;"
                    + " select /* caretaker.session */ set_config('synchronous_commit', 'on', false)"
                    + " where current_setting('synchronous_commit') = 'off'");
        }
    }
}
