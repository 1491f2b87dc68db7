package io.pgcaretaker.cleanup.database;

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
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/** Statements inside one transaction. */
public final class Session {

    /** Makes a value of the present row. */
    @FunctionalInterface
    public interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private final Connection connection;

    Session(Connection connection) {
        this.connection = connection;
    }

    public <T> List<T> query(Sql sql, Row<T> row) throws SQLException {
        try (PreparedStatement statement = sql.prepare(connection);
                ResultSet rows = statement.executeQuery()) {
            List<T> result = new ArrayList<>();
            while (rows.next()) {
                result.add(row.read(rows));
            }
            return result;
        }
    }

    /** The first row, where there is one. */
    public <T> Optional<T> first(Sql sql, Row<T> row) throws SQLException {
        return query(sql, row).stream().findFirst();
    }

    public int update(Sql sql) throws SQLException {
        try (PreparedStatement statement = sql.prepare(connection)) {
            return statement.executeUpdate();
        }
    }

    /** Several statements in one round trip, in their order; answers how many rows the first one changed. */
    public int updateTogether(List<Sql> statements) throws SQLException {
        List<Object> values = new ArrayList<>();
        statements.forEach(statement -> values.addAll(statement.values()));
        return update(new Sql(statements.stream().map(Sql::text).collect(Collectors.joining(";\n")), values));
    }

    /** Streams the rows that a statement returns, as CSV with a header; answers how many. */
    public long copyOut(Sql returning, OutputStream out) throws SQLException, IOException {
        return connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("copy (" + returning.inlined() + ") to stdout with (format csv, header)", out);
    }

    /** Reads CSV with a header into a table's columns; answers how many rows. */
    public long copyIn(String table, String columns, InputStream in) throws SQLException, IOException {
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
    }

    /** For what writes in the caller's transaction, such as the mail outbox. */
    public Connection connection() {
        return connection;
    }
}
