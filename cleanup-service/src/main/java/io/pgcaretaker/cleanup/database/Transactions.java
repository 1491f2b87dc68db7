package io.pgcaretaker.cleanup.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.postgresql.PGConnection;

/**
 * Short transactions, each with a name and deadlines. The deadlines are set with {@code set local}, so that they hold
 * behind a transaction pooler too.
 */
public final class Transactions {

    /** What happens inside a transaction. */
    @FunctionalInterface
    public interface Work<T> {
        T run(Session session) throws SQLException;
    }

    /** Quick look-ups and writes of Caretaker's own rows. */
    private static final Duration STATEMENT = Duration.ofSeconds(5);

    private static final Duration LOCK = Duration.ofSeconds(2);

    /** Whether the commit waits for the disk. */
    private enum Commit {
        SYNCED(""),
        LAZY(";\nset local synchronous_commit = off");

        private final String setting;

        Commit(String setting) {
            this.setting = setting;
        }
    }

    private final DataSource database;

    public Transactions(DataSource database) {
        this.database = database;
    }

    public <T> T run(String purpose, Work<T> work) {
        return run(purpose, STATEMENT, LOCK, work);
    }

    /**
     * Runs the work in one transaction, read committed, and commits it.
     *
     * @param purpose names the transaction in an error, such as {@code cleanup.batch}
     * @param statement the longest a statement may take
     * @param lock the longest it may wait for a lock
     * @throws DatabaseFailure with the purpose; nothing was committed unless it is a connection loss
     */
    public <T> T run(String purpose, Duration statement, Duration lock, Work<T> work) {
        return run(purpose, statement, lock, Commit.SYNCED, work);
    }

    /**
     * The same, and does not wait until the commit is on disk: after a crash of the server the last of these may be
     * undone, each as a whole. The next commit that is waited for makes all before it durable.
     */
    public <T> T runLazily(String purpose, Duration statement, Duration lock, Work<T> work) {
        return run(purpose, statement, lock, Commit.LAZY, work);
    }

    /** For the few statements that cannot be in a transaction, such as vacuum; without a deadline of their own. */
    public void outside(String purpose, String sql) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new DatabaseFailure(purpose, e);
        }
    }

    /**
     * The same, and gives up waiting for locks. Not for a transaction pooler, behind which the setting could end up in
     * somebody else's session: see {@link #isPooled}.
     */
    public void outside(String purpose, Duration lock, String sql) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("set lock_timeout = " + lock.toMillis());
            try {
                statement.execute(sql);
            } finally {
                statement.execute("reset lock_timeout");
            }
        } catch (SQLException e) {
            throw new DatabaseFailure(purpose, e);
        }
    }

    /** A pooled host is used without server-side prepared statements: by that it is known here. */
    public boolean isPooled() {
        try (Connection connection = database.getConnection()) {
            return connection.unwrap(PGConnection.class).getPrepareThreshold() == 0;
        } catch (SQLException e) {
            throw new DatabaseFailure("cleanup.pooled", e);
        }
    }

    private <T> T run(String purpose, Duration statement, Duration lock, Commit commit, Work<T> work) {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                prepare(connection, statement, lock, commit);
                T result = work.run(new Session(connection));
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                rollback(connection, e);
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw new DatabaseFailure(purpose, e);
        }
    }

    private static void rollback(Connection connection, Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private static void prepare(Connection connection, Duration statement, Duration lock, Commit commit)
            throws SQLException {
        // Custom plans: the values decide whether a partial index serves, and a generic plan would not know them.
        String sql =
                """
                /* caretaker.cleanup.deadlines */
                set local statement_timeout = %d;
                set local lock_timeout = %d;
                set local idle_in_transaction_session_timeout = %d;
                set local plan_cache_mode = force_custom_plan%s
                """.formatted(statement.toMillis(), lock.toMillis(), statement.toMillis() + 10_000, commit.setting);
        try (Statement set = connection.createStatement()) {
            set.execute(sql);
        }
    }
}
