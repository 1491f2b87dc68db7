package io.pgcaretaker.cli.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.cli.process.Loopback;
import io.pgcaretaker.testing.ServerDirectory;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerIT {

    private static final String PASSWORD = "correct-horse";

    @TempDir(factory = ServerDirectory.Factory.class)
    private static Path directory;

    private static PostgresServer server;
    private int port;

    @BeforeAll
    static void makeCluster() throws Exception {
        Path home = Files.createDirectory(directory.resolve("with blanks"));
        server = new PostgresServer(Binaries.unpack(home), home.resolve("postgres"), home.resolve("postgres.log"));
        assertThat(server.makeIfMissing(PASSWORD)).isTrue();
    }

    @BeforeEach
    void start() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, Loopback.V4)) {
            port = socket.getLocalPort();
        }
        server.start(port);
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void syncsWhatItCommitsAndListensOnThisMachineOnly() throws Exception {
        assertThat(show("fsync")).isEqualTo("on");
        assertThat(show("synchronous_commit")).isEqualTo("on");
        assertThat(show("max_connections")).isEqualTo("100");
        assertThat(show("listen_addresses")).isEqualTo("127.0.0.1");
        assertThat(show("unix_socket_directories")).isEmpty();
        assertThat(show("shared_preload_libraries")).isEqualTo("pg_stat_statements");
    }

    @Test
    void wantsThePassword() {
        assertThatThrownBy(() -> connect("wrong"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password");
    }

    @Test
    void keepsItsDataOverAnEndByKillAndIsNotMadeTwice() throws Exception {
        execute("drop table if exists kept", "create table kept as select 42 as answer");
        kill();

        assertThat(server.makeIfMissing("another")).isFalse();
        server.start(port);

        assertThat(query("select answer from kept")).isEqualTo("42");
    }

    @Test
    void startsBesideAPidThatHasBecomeAnotherPrograms() throws Exception {
        Path lock = directory.resolve("with blanks/postgres/postmaster.pid");
        List<String> lines = Files.readAllLines(lock);
        kill();
        // A living process of the same user, which PostgreSQL would take for a postmaster.
        lines.set(0, String.valueOf(ProcessHandle.current().pid()));
        Files.write(lock, lines);

        server.start(port);

        assertThat(server.process()).isPresent();
        assertThat(query("select 1")).isEqualTo("1");
    }

    @Test
    void aServerLeftByAKilledLauncherIsReplaced() throws Exception {
        long left = server.process().orElseThrow().pid();

        server.start(port);

        assertThat(server.process().orElseThrow().pid()).isNotEqualTo(left);
        assertThat(ProcessHandle.of(left).filter(ProcessHandle::isAlive)).isEmpty();
    }

    private static void kill() {
        Optional<ProcessHandle> postmaster = server.process();
        postmaster.orElseThrow().destroyForcibly();
        await().until(() -> !postmaster.get().isAlive());
    }

    private String show(String setting) throws SQLException {
        return query("select current_setting('" + setting + "')");
    }

    private String query(String sql) throws SQLException {
        try (Connection connection = connect(PASSWORD);
                var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private void execute(String... sql) throws SQLException {
        try (Connection connection = connect(PASSWORD);
                var statement = connection.createStatement()) {
            for (String each : sql) {
                statement.execute(each);
            }
        }
    }

    private Connection connect(String password) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", password);
    }
}
