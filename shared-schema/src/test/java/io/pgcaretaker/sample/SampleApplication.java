package io.pgcaretaker.sample;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/** The sample application's database: data, not code. */
public final class SampleApplication {

    private SampleApplication() {}

    /** Creates the tables in the connection's current schema and fills them, in one transaction. */
    public static void load(Connection connection) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(script());
            connection.commit();
            // In the transaction that loads them it would count all rows as changed since.
            statement.execute("analyze");
            connection.commit();
        } finally {
            connection.rollback();
            connection.setAutoCommit(autoCommit);
        }
    }

    private static String script() {
        try (InputStream in = SampleApplication.class.getResourceAsStream("/sample/sample-application.sql")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
