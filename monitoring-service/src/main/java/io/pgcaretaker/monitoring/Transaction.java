package io.pgcaretaker.monitoring;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;

/** One transaction, one purpose, one deadline that carries its name. */
public final class Transaction {

    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final String QUERY_CANCELED = "57014";

    /** What was answered, such as an acknowledgement, is not undone by a crash of the server, whatever the role is set to. */
    private static final String ON_DISK = " select /* caretaker.on-disk */ set_config('synchronous_commit', 'on', true)"
            + " where current_setting('synchronous_commit') = 'off'";

    private Transaction() {}

    /** The work of a transaction. */
    @FunctionalInterface
    public interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    /** Commits what the work did, or nothing of it. */
    public static <T> T run(DataSource database, String name, Work<T> work) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                T result = inTransaction(connection, name, work);
                connection.commit();
                connection.setAutoCommit(true);
                return result;
            } catch (SQLException | RuntimeException e) {
                rollback(connection, e);
                throw e;
            }
        }
    }

    /** What went wrong first is what is told. */
    private static void rollback(Connection connection, Exception cause) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private static <T> T inTransaction(Connection connection, String name, Work<T> work) throws SQLException {
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("/* caretaker." + name + " */ set local statement_timeout = " + DEADLINE.toMillis()
                        + "; set local lock_timeout = 2000;" + ON_DISK);
            }
            return work.in(connection);
        } catch (SQLException e) {
            if (QUERY_CANCELED.equals(e.getSQLState())) {
                throw new SQLTimeoutException(
                        name + ": cancelled after " + DEADLINE.toSeconds() + "s", e.getSQLState(), e);
            }
            throw e;
        }
    }
}
