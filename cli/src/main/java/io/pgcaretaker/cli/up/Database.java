package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.local.CannotException;
import io.pgcaretaker.cli.postgres.PostgresServer;
import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.sample.SampleApplication;
import io.pgcaretaker.schema.Migrate;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.flywaydb.core.api.FlywayException;

/** Gets a database ready for the services. */
final class Database {

    static final String SAMPLE = "sample";

    private static final int STATEMENT_DEADLINE_SECONDS = 10;

    private final String url;

    Database(String url) {
        this.url = url;
    }

    static String embeddedUrl(String database, String password, int port) {
        return "postgresql://" + PostgresServer.USER + ":" + password + "@127.0.0.1:" + port + "/" + database;
    }

    String url() {
        return url;
    }

    /** Where it is, without the password. */
    String shown() {
        DatabaseUrl parsed = DatabaseUrl.parse(url);
        String user = parsed.username() == null ? "" : parsed.username() + "@";
        return parsed.jdbcUrl()
                .replaceFirst("^jdbc:postgresql://", "postgresql://" + user)
                .replaceFirst("\\?.*", "");
    }

    /** Makes the sample's database on the server whose maintenance database this is. */
    void createSampleIfMissing() throws SQLException {
        try (Connection connection = connect()) {
            if (!exists(connection, "select 1 from pg_database where datname = '" + SAMPLE + "'")) {
                execute(connection, "/* caretaker.up-create-database */ create database " + SAMPLE);
            }
        }
    }

    /** Returns the version that the schema has now. */
    String migrate() {
        try {
            return Migrate.version(Migrate.migrate(DatabaseUrl.parse(url)));
        } catch (FlywayException e) {
            throw new CannotException("cannot migrate " + shown() + ": " + e.getMessage(), e);
        }
    }

    /** Returns whether it was loaded now. The load is one transaction, so its first table is there with all the rest. */
    boolean loadSampleIfMissing() throws SQLException {
        try (Connection connection = connect()) {
            execute(connection, "/* caretaker.up-extension */ create extension if not exists pg_stat_statements");
            if (exists(connection, "select 1 where to_regclass('public.users') is not null")) {
                return false;
            }
            SampleApplication.load(connection);
            return true;
        }
    }

    private Connection connect() throws SQLException {
        DatabaseUrl parsed = DatabaseUrl.parse(url);
        Properties properties = new Properties();
        if (parsed.username() != null) {
            properties.setProperty("user", parsed.username());
        }
        if (parsed.password() != null) {
            properties.setProperty("password", parsed.password());
        }
        properties.setProperty("ApplicationName", "caretaker-up");
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("loginTimeout", "15");
        return DriverManager.getConnection(parsed.jdbcUrl(), properties);
    }

    private static boolean exists(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(STATEMENT_DEADLINE_SECONDS);
            try (ResultSet rows = statement.executeQuery("/* caretaker.up-look */ " + sql)) {
                return rows.next();
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(STATEMENT_DEADLINE_SECONDS);
            statement.execute(sql);
        }
    }
}
