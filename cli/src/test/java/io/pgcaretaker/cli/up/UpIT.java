package io.pgcaretaker.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cli.local.LocalState;
import io.pgcaretaker.cli.process.Loopback;
import io.pgcaretaker.cli.process.Orphans;
import io.pgcaretaker.testing.FreePort;
import io.pgcaretaker.testing.ServerDirectory;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** One `up` in a directory with blanks, where figures have Arabic digits, from its first start over kills and stops to its last end. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class UpIT {

    @TempDir(factory = ServerDirectory.Factory.class)
    private static Path directory;

    private static Path homeDirectory;
    private static ServerSocket taken;
    private static LocalCaretaker up;

    /** What the first end of `up` kept of the services' classes. */
    private static List<Path> archives = List.of();

    private static String firstKey;

    @BeforeAll
    static void start() throws IOException {
        homeDirectory = directory.resolve("a home");
        taken = new ServerSocket(FreePort.find(), 1, Loopback.V4);
        up = LocalCaretaker.launchWith(
                homeDirectory,
                Map.of("JAVA_TOOL_OPTIONS", "-Duser.language=ar"),
                List.of("up", "--ports-from", String.valueOf(taken.getLocalPort())));
        up.awaitOutput("Ready. Ctrl-C stops everything.");
        firstKey = up.state().apiKey();
    }

    @AfterAll
    static void stop() throws IOException {
        up.close();
        taken.close();
    }

    @Test
    @Order(1)
    void aTakenPortIsNamedAndAnotherOneUsed() {
        assertThat(up.output()).contains(taken.getLocalPort() + " is taken, monitoring-service uses ");
        assertThat(up.state().monitoring()).doesNotEndWith(":" + taken.getLocalPort());
    }

    @Test
    @Order(1)
    void allServicesAreReadyAndTheTableSaysWhereTheyAre() {
        LocalState state = up.state();

        assertThat(List.of("monitoring", "cleanup", "email")).allMatch(up::isReady);
        assertThat(up.output())
                .contains(state.monitoring(), state.cleanup(), state.email(), state.mailCatcher(), state.apiKey())
                .contains("/api/monitoring/health", "/api/cleanup/policies/", "/api/messages");
        assertThat(up.run("status")).contains("email-service", "ready").endsWith("exit 0");
    }

    @Test
    @Order(1)
    void theSampleApplicationIsThere() throws SQLException {
        // Of 20,000, as many as the first run has left until now.
        assertThat(count("select count(*) from users")).isBetween(18_960L, 20_000L);
        assertThat(count("select count(*) from pg_stat_statements")).isPositive();
    }

    @Test
    @Order(1)
    void keysAreForTheirOwnerAndInNobodysCommandLine() throws IOException {
        LocalState state = up.state();
        String password = state.databaseUrl().replaceFirst(".*:([^:@]+)@.*", "$1");

        assertThat(List.of("local.json", "secrets.json"))
                .allSatisfy(name -> assertThat(PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(homeDirectory.resolve(name))))
                        .isEqualTo("rw-------"));
        String commandLines = ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .collect(Collectors.joining("\n"));
        assertThat(commandLines).doesNotContain(state.apiKey(), state.serviceKey(), password);
        assertThat(logs()).doesNotContain(state.apiKey(), state.serviceKey(), password);
    }

    @Test
    @Order(1)
    void theMigrationJobsCommandWorksOnAServicesFiles() throws Exception {
        Path application = LocalCaretaker.ROOT.resolve("cleanup-service/target/quarkus-app");
        Path said = directory.resolve("migrate.log");
        ProcessBuilder job = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        application + "/lib/main/*:" + application + "/lib/boot/*",
                        "io.pgcaretaker.schema.Migrate")
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        job.environment().put("DATABASE_URL", up.state().databaseUrl());

        assertThat(job.start().waitFor()).isZero();

        assertThat(Files.readString(said)).containsPattern("schema caretaker is at version \\d+, 0 migrations");
    }

    @Test
    @Order(2)
    void aSecondUpBesideItSaysSo() {
        assertThat(up.run("up"))
                .contains("already running in " + homeDirectory + " (pid "
                        + up.launcher().pid() + ")")
                .endsWith("exit 1");
        assertThat(up.isReady("email")).isTrue();
    }

    @Test
    @Order(3)
    void theNextUpTidiesUpAfterAKilledOneAndFindsItsDataAndKeys() {
        up.launcher().destroyForcibly();
        up.awaitExit();
        List<Long> left = up.state().pids().values().stream()
                .filter(pid -> ProcessHandle.of(pid).isPresent())
                .toList();
        assertThat(left).hasSize(4);
        up.close();

        // From here on as a person has it, without the flags that tests give to their JVMs: with them, no classes are
        // kept.
        up = LocalCaretaker.start(homeDirectory, Map.of("JDK_JAVA_OPTIONS", ""));

        assertThat(up.output()).contains("the last `up` was killed", "the sample application is there from before");
        assertThat(left).allMatch(pid -> ProcessHandle.of(pid).isEmpty());
        assertThat(up.state().apiKey()).isEqualTo(firstKey);
    }

    @Test
    @Order(4)
    void ctrlCStopsAllAndLeavesNothing() throws IOException {
        List<Long> pids = List.copyOf(up.state().pids().values());
        List<Integer> ports = ports(up.state());

        // The terminal signals the whole group, not the launcher alone.
        for (String part : List.of("monitoring", "cleanup", "email", "launcher")) {
            LocalCaretaker.signal("INT", up.state().pids().get(part));
        }

        assertThat(up.awaitExit()).isEqualTo(130);
        assertThat(up.output())
                .contains("stopped.")
                .doesNotContain("has died, the others go on; starting it again in 2");
        assertThat(pids).allMatch(pid -> ProcessHandle.of(pid).isEmpty());
        assertThat(ports).allMatch(UpIT::isClosed);
        assertThat(homeDirectory.resolve("local.json")).doesNotExist();
        // Of the services' classes, for the next start; on a busy machine one that takes too long is given up.
        archives = files("classes");
        assertThat(archives)
                .isNotEmpty()
                .allMatch(file -> file.getFileName().toString().endsWith(".jsa"));
        assertThat(Orphans.find("-Dcaretaker.home=" + homeDirectory)).isEmpty();
        assertThat(Orphans.find(homeDirectory.resolve("postgres").toString())).isEmpty();
    }

    @Test
    @Order(5)
    void aServiceThatDoesNotStartIsShownWithTheEndOfItsLog() throws IOException {
        try (LocalCaretaker wrong = LocalCaretaker.launch(
                homeDirectory, Map.of("CARETAKER_API_KEYS", "me:king:hunter2", "JDK_JAVA_OPTIONS", ""))) {
            assertThat(wrong.awaitExit()).isEqualTo(1);
            assertThat(wrong.output())
                    .contains("-service ended while starting", "role must be one of")
                    .doesNotContain("hunter2");
        }
        assertThat(Orphans.find("-Dcaretaker.home=" + homeDirectory)).isEmpty();
        assertThat(files("classes")).containsExactlyInAnyOrderElementsOf(archives);
    }

    private static List<Path> files(String folder) throws IOException {
        try (Stream<Path> files = Files.list(homeDirectory.resolve(folder))) {
            return files.toList();
        }
    }

    private static long count(String sql) throws SQLException {
        try (var connection = up.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static String logs() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path file : files("logs")) {
            all.append(Files.readString(file));
        }
        return all.toString();
    }

    private static List<Integer> ports(LocalState state) {
        return Stream.concat(
                        Stream.of(state.monitoring(), state.cleanup(), state.email(), state.mailCatcher()),
                        state.management().values().stream())
                .map(url -> URI.create(url).getPort())
                .toList();
    }

    private static boolean isClosed(int port) {
        try (Socket socket = new Socket(Loopback.V4, port)) {
            return !socket.isConnected();
        } catch (IOException e) {
            return true;
        }
    }
}
