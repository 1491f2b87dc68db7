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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** Statements inside one transaction. */
public final class Session {

    /** Makes a value of the present row. */
    @FunctionalInterface
    public interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private final Connection connection;

    /** Settings that go with the first statement, in its round trip; null once they have gone. */
    private @Nullable Sql ahead;

    private boolean used;

    /** @param settings for this transaction, before its first statement */
    Session(Connection connection, Sql settings) {
        this.connection = connection;
        this.ahead = settings;
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
        try (PreparedStatement statement = execute(Sql.together(List.of(first, second)))) {
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
        Sql settings = ahead;
        PreparedStatement statement =
                (settings == null ? sql : Sql.together(List.of(settings, sql))).prepare(connection);
        try {
            statement.execute();
            if (settings != null) {
                statement.getMoreResults();
                ahead = null;
            }
            used = true;
            return statement;
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
    }

    /** For what sends its first statement by itself. */
    private void settle() throws SQLException {
        Sql settings = ahead;
        if (settings != null) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(settings.text());
            }
            ahead = null;
            used = true;
        }
    }

    /** The first row, where there is one. */
    public <T> Optional<T> first(Sql sql, Row<T> row) throws SQLException {
        return query(sql, row).stream().findFirst();
    }

    public int update(Sql sql) throws SQLException {
        try (PreparedStatement statement = execute(sql)) {
            return Math.max(0, statement.getUpdateCount());
        }
    }

    /** Several statements in one round trip, in their order; answers how many rows the first one changed. */
    public int updateTogether(List<Sql> statements) throws SQLException {
        return update(Sql.together(statements));
    }

    /**
     * Streams the rows that a statement returns, as CSV with a header; answers how many. Where they cannot be written, the
     * rest is read all the same: the driver would cancel the statement, and its answers would be taken for those of the next.
     */
    public long copyOut(Sql returning, OutputStream out) throws SQLException, IOException {
        settle();
        Sink sink = new Sink(out);
        long rows = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("copy (" + returning.inlined() + ") to stdout with (format csv, header)", sink);
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

    /** Reads CSV with a header into a table's columns; answers how many rows. */
    public long copyIn(String table, String columns, InputStream in) throws SQLException, IOException {
        settle();
        return connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy " + table + " (" + columns + ") from stdin with (format csv, header)", in);
    }

    /** Everything that follows sees the database as it is at the next statement; before any other statement. */
    public void repeatableRead() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set transaction isolation level repeatable read");
        }
        used = true;
    }

    /** For what writes in the caller's transaction, such as the mail outbox. */
    public Connection connection() throws SQLException {
        settle();
        return connection;
    }
}
