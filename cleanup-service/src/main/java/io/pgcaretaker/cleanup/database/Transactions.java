package io.pgcaretaker.cleanup.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Short transactions, each with a name and deadlines. The deadlines are set for the transaction alone, so that they
 * hold behind a transaction pooler too.
 */
public final class Transactions {

    private static final Logger LOG = Logger.getLogger(Transactions.class);

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
        SYNCED,
        LAZY
    }

    private final DataSource database;

    /** The session of {@link #inOneSession}, for the thread that asked for it. */
    private record Kept(Thread thread, Connection connection) {}

    private volatile @Nullable Kept kept;

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
     * For what may be very much, and would be over its deadline each time if one statement did all of it.
     *
     * @param some changes some of what there is to be changed, and says how many; it is repeated until it finds none
     * @return how many in all
     */
    public int untilNone(String purpose, Work<Integer> some) {
        int all = 0;
        int changed;
        do {
            changed = run(purpose, some);
            all += changed;
        } while (changed > 0);
        return all;
    }

    /**
     * The same, and does not wait until the commit is on disk: after a crash of the server the last of these may be
     * undone, each as a whole. The next commit that is waited for makes all before it durable.
     */
    public <T> T runLazily(String purpose, Duration statement, Duration lock, Work<T> work) {
        return run(purpose, statement, lock, Commit.LAZY, work);
    }

    /** The same with the usual deadlines. */
    public <T> T runLazily(String purpose, Work<T> work) {
        return run(purpose, STATEMENT, LOCK, Commit.LAZY, work);
    }

    /**
     * All transactions that the work runs in this thread share one session: it is not asked before each of them whether it
     * lives, and keeps what it has prepared. When it is lost, each takes another one. One thread at a time has one.
     */
    public void inOneSession(Runnable work) {
        boolean begun = false;
        try (Connection connection = database.getConnection()) {
            kept = new Kept(Thread.currentThread(), connection);
            begun = true;
            work.run();
        } catch (SQLException e) {
            LOG.debugf("no session to keep state=%s", e.getSQLState());
            if (!begun) {
                // Each transaction finds out for itself, and says what it was for.
                work.run();
            }
        } finally {
            kept = null;
        }
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
            return isPooled(connection);
        } catch (SQLException e) {
            throw new DatabaseFailure("cleanup.pooled", e);
        }
    }

    private static boolean isPooled(Connection connection) throws SQLException {
        return connection.unwrap(PGConnection.class).getPrepareThreshold() == 0;
    }

    private static Session session(Connection connection, Deadlines deadlines) throws SQLException {
        boolean pooled = isPooled(connection);
        if (!pooled) {
            prepareAtOnce(connection);
        }
        return new Session(connection, deadlines.settings(pooled), deadlines.statement());
    }

    /**
     * Sessions are as young as the run, whose batches send the same again and again: the driver would have the first four of them
     * parsed and planned anew, 4 ms each.
     */
    private static void prepareAtOnce(Connection connection) throws SQLException {
        connection.unwrap(PGConnection.class).setPrepareThreshold(1);
    }

    private <T> T run(String purpose, Duration statement, Duration lock, Commit commit, Work<T> work) {
        Deadlines deadlines = new Deadlines(statement, lock, commit);
        Kept own = kept;
        try {
            if (own != null && own.thread() == Thread.currentThread() && isFree(own.connection())) {
                Session session = session(own.connection(), deadlines);
                try {
                    return carry(purpose, session, work);
                } catch (SQLException e) {
                    // Lost since the transaction before; nothing was done in this one.
                    if (session.isUsed() || !DatabaseFailure.isConnectionLoss(e)) {
                        throw e;
                    }
                }
            }
            try (Connection connection = database.getConnection()) {
                return carry(purpose, session(connection, deadlines), work);
            }
        } catch (SQLException e) {
            throw new DatabaseFailure(purpose, e);
        }
    }

    /** False: the session is lost, or in a transaction that goes on round the one to begin. */
    private static boolean isFree(Connection connection) throws SQLException {
        try {
            return connection.getAutoCommit();
        } catch (SQLException e) {
            if (DatabaseFailure.isConnectionLoss(e)) {
                return false;
            }
            throw e;
        }
    }

    private static <T> T carry(String purpose, Session session, Work<T> work) throws SQLException {
        try {
            session.begin();
            T result = work.run(session);
            session.commit();
            return result;
        } catch (SQLException e) {
            session.rollback(e);
            if (DatabaseFailure.isCancelled(e) && session.isEarly()) {
                throw DatabaseFailure.cancelledEarly(purpose, e);
            }
            throw e;
        } catch (RuntimeException e) {
            session.rollback(e);
            throw e;
        } finally {
            session.end();
        }
    }

    private record Deadlines(Duration statement, Duration lock, Commit commit) {
        /** One statement for all: each would be a few messages of its own, in every transaction. */
        Sql settings(boolean pooled) {
            return Sql.of("select /* caretaker.cleanup.deadlines */ " + set("statement_timeout", statement.toMillis())
                    + ", " + set("lock_timeout", lock.toMillis())
                    + ", " + set("idle_in_transaction_session_timeout", statement.toMillis() + 10_000)
                    + ", " + WITHOUT_DEADLINE
                    + ", " + set("plan_cache_mode", "force_generic_plan")
                    + ", " + WITHOUT_COMPILING
                    + BY_INDEX
                    + ", " + postgresqlFirst(pooled)
                    + TEXTS
                    + ", " + (commit == Commit.LAZY ? set("synchronous_commit", "off") : ON_DISK));
        }

        /**
         * Whatever the database or the role is set to: whoever is told that a row came back, or is held, or that all is stopped, would
         * be told so of what a crash of the server undoes.
         */
        private static final String ON_DISK =
                "case when pg_catalog.texteq(pg_catalog.current_setting('synchronous_commit'), 'off') then "
                        + set("synchronous_commit", "on") + " end";

        /**
         * What is made as dear as can be, such as a whole table where an index is meant, would be compiled: seconds in each batch, for a
         * statement of a millisecond.
         */
        private static final String WITHOUT_COMPILING = set("jit", "off");

        /** Whatever somebody has tried on the role: a table would be read as a whole, or be told to have no index. */
        private static final String BY_INDEX = Stream.of(
                        "enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")
                .map(setting -> set(setting, "on"))
                .collect(Collectors.joining(", ", ", ", ""));

        /** Counts may take minutes, each statement has its own deadline. PostgreSQL 17 and later know this one. */
        private static final String WITHOUT_DEADLINE =
                "case when pg_catalog.int4ge(pg_catalog.current_setting('server_version_num')::int, 170000) then "
                        + set("transaction_timeout", 0) + " end";

        /**
         * Whoever may make functions and operators in a schema that the search path names before PostgreSQL's own would
         * decide what is old. The others stay in it: operators of extensions are found there. For as long as the session, where
         * it is ours: PostgreSQL 18 tells the driver of each change, which then forgets all that it has prepared.
         */
        private static String postgresqlFirst(boolean pooled) {
            String path = "pg_catalog.current_setting('search_path')";
            return "case when pg_catalog.starts_with(pg_catalog.concat(" + path + ", ','), 'pg_catalog,') then null"
                    + " else pg_catalog.set_config('search_path', pg_catalog.rtrim(pg_catalog.concat('pg_catalog, ', "
                    + path
                    + "), ', '), " + pooled + ") end";
        }

        /**
         * A key's text is its name in holds, digests and notices: it must not depend on the machine, which the driver sets
         * the zone of, nor on the role. The trigger refuse_held_delete sets the same.
         */
        private static final String TEXTS = Stream.of(
                        set("TimeZone", "UTC"),
                        set("DateStyle", "ISO"),
                        set("IntervalStyle", "postgres"),
                        set("bytea_output", "hex"),
                        set("extra_float_digits", 1),
                        // Names of types are read.
                        set("quote_all_identifiers", "off"))
                .collect(Collectors.joining(", ", ", ", ""));

        private static String set(String name, Object value) {
            return "pg_catalog.set_config('" + name + "', '" + value + "', true)";
        }
    }
}
