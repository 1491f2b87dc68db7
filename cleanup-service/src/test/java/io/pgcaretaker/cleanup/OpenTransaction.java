package io.pgcaretaker.cleanup;

import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Somebody else's transaction, the application's say, and what it has locked; undone when nobody commits it. */
public final class OpenTransaction implements AutoCloseable {

    private final Connection connection;

    private OpenTransaction(Connection connection) {
        this.connection = connection;
    }

    public static OpenTransaction begin(TestDatabase database, String... statements) throws SQLException {
        OpenTransaction transaction = new OpenTransaction(database.connect());
        transaction.connection.setAutoCommit(false);
        for (String statement : statements) {
            transaction.execute(statement);
        }
        return transaction;
    }

    public void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    public void commit() throws SQLException {
        connection.commit();
    }

    public void rollback() throws SQLException {
        connection.rollback();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
