package io.pgcaretaker.cleanup.database;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** Statements inside one transaction. */
public final class Session {

    /** Makes a value of the present row. */
    @FunctionalInterface
    public interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private static final Logger LOG = Logger.getLogger(Session.class);

    private final Connection connection;

    /** Every rule here is made for it: a statement sees what was committed before it, whatever is the default. */
    private static final Sql READ_COMMITTED = Sql.of("set transaction isolation level read committed");

    private static final Sql PLANS_BY_VALUES =
            Sql.of("select /* caretaker.cleanup.plans */ set_config('plan_cache_mode', 'force_custom_plan', true)");

    private static final Sql PLANS_ONCE =
            Sql.of("select /* caretaker.cleanup.plans */ set_config('plan_cache_mode', 'force_generic_plan', true)");

    /** What goes with the first statement, in its round trip; null once it has gone. The isolation comes first of all. */
    private @Nullable List<Sql> ahead;

    private Sql.Planning planning = Sql.Planning.ONCE;

    private boolean used;

    /** For the server's answer to arrive. */
    private static final Duration AFTER_ITS_DEADLINE = Duration.ofSeconds(10);

    private final Duration deadline;

    private final long begun = System.nanoTime();

    /** What is cancelled sooner is not by a deadline of ours. */
    private Duration shortest;

    /** In milliseconds; 0: it was not changed. */
    private int usualSilence;

    /**
     * One transaction long.
     *
     * @param settings before its first statement
     * @param deadline the longest that a statement may take by them
     */
    Session(Connection connection, Sql settings, Duration deadline) {
        this.connection = connection;
        this.ahead = List.of(READ_COMMITTED, settings);
        this.deadline = deadline;
        this.shortest = deadline;
    }

    /** Whether no deadline that was set here can have passed yet. */
    boolean isEarly() {
        return System.nanoTime() - begun < shortest.toNanos();
    }

    /** From here on a statement of this transaction may take so long. */
    public void deadline(Duration longest) throws SQLException {
        shortest = longest.compareTo(shortest) < 0 ? longest : shortest;
        await(longest);
        query(
                Sql.of(
                        "/* caretaker.cleanup.deadline */ select set_config('statement_timeout', ?, true)",
                        Long.toString(longest.toMillis())),
                row -> true);
    }

    /**
     * A server that says nothing for the pool's {@code socketTimeout} is taken for lost. One that counts for minutes is not: it
     * ends the statement itself at the deadline, and would go on with it for nobody.
     */
    private void await(Duration longest) throws SQLException {
        long needed = longest.plus(AFTER_ITS_DEADLINE).toMillis();
        int silence = connection.getNetworkTimeout();
        if (silence > 0 && silence < needed) {
            usualSilence = usualSilence == 0 ? silence : usualSilence;
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(needed));
        }
    }

    /** The next transaction of the connection waits as long as usual. */
    void end() {
        if (usualSilence > 0) {
            try {
                connection.setNetworkTimeout(Runnable::run, usualSilence);
            } catch (SQLException e) {
                LOG.debugf("session is lost already state=%s", e.getSQLState());
            }
        }
    }

    public <T> List<T> query(Sql sql, Row<T> row) throws SQLException {
        try (PreparedStatement statement = execute(sql)) {
            return read(statement, row);
        }
    }

    /** What two statements answered. */
    public record Both<A, B>(List<A> first, List<B> second) {}

    /** Two statements in one round trip. The second sees what was committed while the first waited for its locks. */
    public <A, B> Both<A, B> query(Sql first, Row<A> firstRow, Sql second, Row<B> secondRow) throws SQLException {
        try (PreparedStatement statement = execute(Sql.together(first, second))) {
            List<A> firsts = read(statement, firstRow);
            statement.getMoreResults();
            return new Both<>(firsts, read(statement, secondRow));
        }
    }

    private static <T> List<T> read(PreparedStatement statement, Row<T> row) throws SQLException {
        try (ResultSet rows = statement.getResultSet()) {
            List<T> result = new ArrayList<>();
            while (rows.next()) {
                result.add(row.read(rows));
            }
            return result;
        }
    }

    void begin() throws SQLException {
        await(deadline);
        connection.setAutoCommit(false);
    }

    void commit() throws SQLException {
        connection.commit();
        connection.setAutoCommit(true);
    }

    void rollback(Exception cause) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException | RuntimeException e) {
            cause.addSuppressed(e);
            abort(cause);
        }
    }

    /** What it would answer next is not known: nobody may get it from the pool. */
    private void abort(Exception cause) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    /** Whether any statement has come through. */
    boolean isUsed() {
        return used;
    }

    /** With the settings before it, where it is the first; its own results are the present ones. */
    private PreparedStatement execute(Sql sql) throws SQLException {
        List<Sql> before = before(sql);
        PreparedStatement statement = (before.isEmpty() ? sql : Sql.together(before, sql)).prepare(connection);
        try {
            statement.execute();
            for (int i = 0; i < before.size(); i++) {
                statement.getMoreResults();
            }
            begun();
            planning = sql.planning();
            return statement;
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
    }

    private List<Sql> before(Sql sql) {
        List<Sql> before = new ArrayList<>();
        if (ahead != null) {
            before.addAll(ahead);
        }
        if (sql.planning() != planning) {
            before.add(sql.planning() == Sql.Planning.ONCE ? PLANS_ONCE : PLANS_BY_VALUES);
        }
        return before;
    }

    private void begun() {
        ahead = null;
        used = true;
    }

    /** For what sends its first statement by itself. */
    private void settle() throws SQLException {
        if (ahead != null) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(Sql.together(ahead).text());
            }
            begun();
        }
    }

    /** The first row, where there is one. */
    public <T> Optional<T> first(Sql sql, Row<T> row) throws SQLException {
        return query(sql, row).stream().findFirst();
    }

    /** What the database's clock says at this moment, which may be long after the transaction began. */
    public Instant now() throws SQLException {
        return first(
                        Sql.of("/* caretaker.cleanup.clock */ select clock_timestamp()"),
                        row -> row.getTimestamp(1).toInstant())
                .orElseThrow(() -> new SQLException("no row", "02000"));
    }

    public int update(Sql sql) throws SQLException {
        try (PreparedStatement statement = execute(sql)) {
            return Math.max(0, statement.getUpdateCount());
        }
    }

    /** How many rows the first of several statements changed, and what the last one answered. */
    public record Changed<T>(int rows, List<T> answer) {}

    /** Several statements in one round trip, in their order. */
    public <T> Changed<T> update(List<Sql> changes, Sql query, Row<T> row) throws SQLException {
        try (PreparedStatement statement = execute(Sql.together(changes, query))) {
            int changed = statement.getUpdateCount();
            for (int i = 0; i < changes.size(); i++) {
                statement.getMoreResults();
            }
            return new Changed<>(changed, read(statement, row));
        }
    }

    /**
     * Streams the rows that a statement returns, as CSV with a header; answers how many. Where they cannot be written, the
     * rest is read all the same: the driver would cancel the statement, and its answers would be taken for those of the next.
     */
    public long copyOut(Sql returning, OutputStream out) throws SQLException, IOException {
        Sql.Inlined inlined = returning.inlined();
        if (inlined.settings().isPresent()) {
            query(inlined.settings().get(), row -> true);
        }
        settle();
        Sink sink = new Sink(out);
        long rows = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("copy (" + inlined.text() + ") to stdout with (format csv, header)", sink);
        if (sink.failure != null) {
            throw sink.failure;
        }
        return rows;
    }

    /** After a failure takes everything and writes nothing. */
    private static final class Sink extends FilterOutputStream {
        private @Nullable IOException failure;

        Sink(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            if (failure == null) {
                try {
                    out.write(bytes, offset, length);
                } catch (IOException e) {
                    failure = e;
                } catch (RuntimeException e) {
                    failure = new IOException(e);
                }
            }
        }
    }

    /**
     * Reads CSV without a header into a table's columns; answers how many rows. What PostgreSQL wrote is read as it was meant,
     * whatever the role or the database is set to: a null in an array, XML that is no whole document.
     */
    public long copyIn(String table, String columns, InputStream in) throws SQLException, IOException {
        query(Sql.of("""
                        /* caretaker.cleanup.copy-in */
                        select set_config('array_nulls', 'on', true), set_config('xmloption', 'content', true)
                        """), row -> row.getString(1));
        return connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy " + table + " (" + columns + ") from stdin with (format csv)", in);
    }

    /** For what writes in the caller's transaction, such as the mail outbox. */
    public Connection connection() throws SQLException {
        settle();
        return connection;
    }
}
