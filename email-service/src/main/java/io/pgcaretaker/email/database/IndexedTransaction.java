package io.pgcaretaker.email.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * Transactions of the queue, whose statements find everything by index, planned once a session.
 *
 * <p>Left to itself the planner looks at how large the tables are when a session plans first. A queue that is empty at that
 * moment gets plans, and foreign key checks, that read whole tables, and keeps them while a million mails come, until
 * somebody analyzes. What is committed is on disk, whatever the database or the role is set to: a mail that was accepted is not
 * lost by a crash of the server. For this transaction only: behind a pooler the session is somebody else's next.
 */
public final class IndexedTransaction {

    private static final String BY_INDEX = """
            /* caretaker.email-by-index */
            select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
              set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true),
              case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', true) end
            """;

    private static final int DEADLINE_SECONDS = 5;

    private IndexedTransaction() {}

    /** What is done in it. */
    public interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    /** Commits what was done, or none of it when that failed. */
    public static <T> T run(DataSource database, Work<T> work) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                byIndex(connection);
                T result = work.in(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                rollback(connection, e);
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        }
    }

    private static void byIndex(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(BY_INDEX)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.execute();
        }
    }

    /** Of a connection that is gone nothing can be rolled back; what ended it is what matters. */
    private static void rollback(Connection connection, Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }
}
