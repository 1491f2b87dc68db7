package io.pgcaretaker.database;

import io.agroal.api.AgroalPoolInterceptor;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** Sessions of the pool behind a {@link Pooler}. */
@Singleton
class PooledSessions implements AgroalPoolInterceptor {

    private static final Logger LOG = Logger.getLogger(PooledSessions.class);

    private final AtomicBoolean told = new AtomicBoolean();

    @Override
    public void onConnectionCreate(Connection connection) {
        try {
            if (Pooler.withoutPreparedStatements(connection) && told.compareAndSet(false, true)) {
                LOG.info("a pooler stands before the database: no server-side prepared statements");
            }
        } catch (SQLException e) {
            // Whoever uses it finds the same, and says what it was for.
            LOG.debugf("new session does not answer sqlstate=%s", e.getSQLState());
        }
    }
}
