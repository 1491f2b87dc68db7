package io.pgcaretaker.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/**
 * Something between us and PostgreSQL, whatever {@code DATABASE_URL} says of it. A transaction pooler gives each transaction
 * whichever server session is free: a statement that was prepared under a name in one is not there in the next, or is another
 * client's of the same name, which would then be run instead.
 */
public final class Pooler {

    private static final int DEADLINE_SECONDS = 2;

    private Pooler() {}

    /**
     * A session that is not the one it was said to be at its beginning is used without server-side prepared statements from
     * here on; then, and only then, this says true.
     */
    public static boolean withoutPreparedStatements(Connection connection) throws SQLException {
        PGConnection session = connection.unwrap(PGConnection.class);
        if (session.getPrepareThreshold() == 0 || session.getBackendPID() == answering(connection)) {
            return false;
        }
        session.setPrepareThreshold(0);
        return true;
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
