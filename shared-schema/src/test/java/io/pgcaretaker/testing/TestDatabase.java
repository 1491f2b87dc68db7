package io.pgcaretaker.testing;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.exceptionsorter.PostgreSQLExceptionSorter;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.schema.Migrate;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * A real PostgreSQL for tests: one server a JVM, started at the first use and stopped with the JVM, and a database of
 * its own for whoever asks. It syncs, as production does; crash tests would prove nothing otherwise.
 */
public final class TestDatabase {

    /** As the server says it, as the driver says it of a session whose end it has seen, and while it sees it. */
    private static final Set<String> ENDED_SESSION = Set.of("57P01", "08003", "08006");

    private static final int MOST_SESSIONS = 20;
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String name;
    private final AgroalDataSource source;

    /** For what tests ask themselves: a service may leave settings of its own in its sessions. */
    private final AgroalDataSource asked;

    private TestDatabase(String name) {
        this.name = name;
        this.source = pool(jdbcUrl());
        this.asked = pool(jdbcUrl());
    }

    /** An empty database. */
    public static TestDatabase create() {
        return create("template1");
    }

    /** A database with Caretaker's schema in it: a copy, since Flyway takes longer than most tests. */
    public static TestDatabase createMigrated() {
        return create(Migrated.NAME);
    }

    /** A copy of this one as it is now. */
    public TestDatabase copy() {
        source.flush(AgroalDataSource.FlushMode.ALL);
        asked.flush(AgroalDataSource.FlushMode.ALL);
        return create(name);
    }

    private static TestDatabase create(String template) {
        String name = "test_" + NUMBER.incrementAndGet();
        executeOnServer("create database " + name + " template " + template + Server.COPY);
        return new TestDatabase(name);
    }

    private static void executeOnServer(String sql) {
        try (Connection connection = Server.INSTANCE.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot execute: " + sql, e);
        }
    }

    /** As {@code DATABASE_URL} takes it. */
    public String url() {
        return "postgresql://postgres:postgres@localhost:" + Server.INSTANCE.getPort() + "/" + name;
    }

    /** A session of the caller's own. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), "postgres", "postgres");
    }

    /** As a service has it: a session costs PostgreSQL twenty times what a small statement does. */
    public DataSource source() {
        return source;
    }

    private static AgroalDataSource pool(String url) {
        AgroalDataSourceConfigurationSupplier pool = new AgroalDataSourceConfigurationSupplier();
        pool.connectionPoolConfiguration()
                .maxSize(MOST_SESSIONS)
                .exceptionSorter(new PostgreSQLExceptionSorter())
                // Hundreds of tests, a hundred connections.
                .reapTimeout(Duration.ofSeconds(2))
                .acquisitionTimeout(Duration.ofSeconds(30))
                .connectionFactoryConfiguration()
                .jdbcUrl(url)
                .principal(new NamePrincipal("postgres"))
                .credential(new SimplePassword("postgres"));
        try {
            return AgroalDataSource.from(pool);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private String jdbcUrl() {
        return "jdbc:postgresql://localhost:" + Server.INSTANCE.getPort() + "/" + name;
    }

    /** Runs one statement or several, separated by semicolons. */
    public void execute(String sql) {
        inSession(sql, statement -> statement.execute(sql));
    }

    /** The first column of the first row as a number. */
    public long queryLong(String sql) {
        return inSession(sql, statement -> {
            try (ResultSet rows = statement.executeQuery(sql)) {
                rows.next();
                return rows.getLong(1);
            }
        });
    }

    private interface Work<T> {
        T with(Statement statement) throws SQLException;
    }

    /** Again when a test has ended every session of the database, the pool's idle ones too: nothing was done then. */
    private <T> T inSession(String sql, Work<T> work) {
        for (int idle = MOST_SESSIONS; ; idle--) {
            try {
                return once(work);
            } catch (SQLException e) {
                if (idle == 0 || !ENDED_SESSION.contains(String.valueOf(e.getSQLState()))) {
                    throw new IllegalStateException("cannot execute: " + sql, e);
                }
            }
        }
    }

    private <T> T once(Work<T> work) throws SQLException {
        try (Connection connection = asked.getConnection();
                Statement statement = connection.createStatement()) {
            return work.with(statement);
        }
    }

    /** Holder, so that the schema is made at the first use. */
    private static final class Migrated {
        static final String NAME = make();

        private static String make() {
            TestDatabase database = create();
            Migrate.migrate(DatabaseUrl.parse(database.url()));
            // Nobody may be connected to what is copied.
            executeOnServer("alter database " + database.name + " allow_connections false");
            return database.name;
        }
    }

    /** Holder, so that the server starts at the first use. */
    private static final class Server {
        static final EmbeddedPostgres INSTANCE = start();

        /** Since 15 a copy goes page by page through the log, unless it is told to take whole files as before. */
        static final String COPY = version() < 150_000 ? "" : " strategy file_copy";

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("shared_preload_libraries", "pg_stat_statements")
                        // With hundreds of databases its pace of a minute is ten workers a second, all the time.
                        .setServerConfig("autovacuum_naptime", "1h")
                        .setDataDirectory(ServerDirectory.create())
                        .setPGStartupWait(Duration.ofSeconds(60))
                        .start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server)));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException("embedded PostgreSQL does not start", e);
            }
        }

        private static int version() {
            try (Connection connection = INSTANCE.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet version = statement.executeQuery("show server_version_num")) {
                version.next();
                return version.getInt(1);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        private static void close(EmbeddedPostgres server) {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
