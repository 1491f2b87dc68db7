package io.pgcaretaker.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.testing.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.PGConnection;

class PooledSessionsDbTest {

    private final TestDatabase database = TestDatabase.create();

    @Test
    void aSessionOfTheServersOwnPreparesItsStatements() throws Exception {
        try (Connection connection = database.connect()) {
            new PooledSessions().onConnectionCreate(connection);

            assertThat(connection.unwrap(PGConnection.class).getPrepareThreshold())
                    .isPositive();
        }
    }

    @Test
    void aSessionOfTheServersOwnIsReadCommittedWhateverIsTheDefault() throws Exception {
        repeatableReadByDefault();

        try (Connection connection = database.connect()) {
            assertThat(isolation(connection)).isEqualTo("repeatable read");

            new PooledSessions().onConnectionCreate(connection);

            assertThat(isolation(connection)).isEqualTo("read committed");
        }
    }

    /** It ended what rested in the pool, and the service took its database to be away. */
    @Test
    void aSessionMayRestHoweverShortIdleOnesLiveByDefault() throws Exception {
        try (Connection connection = database.connect()) {
            assumeThat(connection.getMetaData().getDatabaseMajorVersion()).isGreaterThanOrEqualTo(14);
            try (Statement statement = connection.createStatement()) {
                statement.execute("set idle_session_timeout = '1h'");
            }

            new PooledSessions().onConnectionCreate(connection);

            assertThat(show(connection, "idle_session_timeout")).isEqualTo("0");
        }
    }

    /** What was answered, such as a mail that was accepted, went with the server's last second. */
    @ParameterizedTest
    @CsvSource({"off, on", "local, local", "on, on"})
    void whatASessionCommitsIsOnDiskWhateverIsTheDefault(String setting, String counts) throws Exception {
        byDefault("synchronous_commit", setting);

        try (Connection connection = database.connect()) {
            new PooledSessions().onConnectionCreate(connection);

            assertThat(show(connection, "synchronous_commit")).isEqualTo(counts);
        }
    }

    @Test
    void oneBehindAPoolerIsLeftAsItIs() throws Exception {
        repeatableReadByDefault();

        try (ServerSocket pooler = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> passing = CompletableFuture.runAsync(() -> pass(pooler));
            try (Connection connection = through(pooler.getLocalPort())) {
                new PooledSessions().onConnectionCreate(connection);

                assertThat(isolation(connection)).isEqualTo("repeatable read");
            }
            passing.join();
        }
    }

    private void repeatableReadByDefault() throws SQLException {
        byDefault("default_transaction_isolation", "repeatable read");
    }

    private void byDefault(String setting, String value) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("alter database " + connection.getCatalog() + " set " + setting + " = '" + value + "'");
        }
    }

    private static String isolation(Connection connection) throws SQLException {
        return show(connection, "transaction_isolation");
    }

    private static String show(Connection connection, String setting) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show " + setting)) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void oneBehindAPoolerDoesNot() throws Exception {
        try (ServerSocket pooler = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> passing = CompletableFuture.runAsync(() -> pass(pooler));
            try (Connection connection = through(pooler.getLocalPort())) {
                new PooledSessions().onConnectionCreate(connection);

                assertThat(connection.unwrap(PGConnection.class).getPrepareThreshold())
                        .isZero();
            }
            passing.join();
        }
    }

    private Connection through(int port) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + port
                        + URI.create(database.url()).getPath(),
                "postgres",
                "postgres");
    }

    /** Hands through one session and, as a pooler does, names a number of its own for it. */
    private void pass(ServerSocket pooler) {
        try (Socket client = pooler.accept();
                Socket server = new Socket(
                        InetAddress.getLoopbackAddress(),
                        URI.create(database.url()).getPort())) {
            CompletableFuture<Void> up = CompletableFuture.runAsync(() -> copy(input(client), output(server), false));
            copy(input(server), output(client), true);
            up.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(InputStream from, OutputStream to, boolean renumber) {
        byte[] buffer = new byte[8192];
        try {
            for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                for (int i = 0; renumber && i + 8 < read; i++) {
                    // BackendKeyData: the letter, a length of 12, the number of the session.
                    if (buffer[i] == 'K' && buffer[i + 1] == 0 && buffer[i + 3] == 0 && buffer[i + 4] == 12) {
                        buffer[i + 8] ^= 1;
                    }
                }
                to.write(buffer, 0, read);
                to.flush();
            }
            to.close();
        } catch (IOException e) {
            // The other side has gone.
        }
    }

    private static InputStream input(Socket socket) {
        try {
            return socket.getInputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static OutputStream output(Socket socket) {
        try {
            return socket.getOutputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
