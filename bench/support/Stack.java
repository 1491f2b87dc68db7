package support;

import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.LocalState;
import io.pgcaretaker.database.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a benchmark stands on: the PostgreSQL and the mail catcher of `./caretaker up --without-services` in a temporary
 * directory. It ends, with every service that was started, when this JVM does, by Ctrl-C too; BENCH_KEEP=1 keeps its files.
 */
public final class Stack {

    private static final Path ROOT = Path.of(System.getProperty("caretaker.root"));
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    private final Path directory;
    private final List<Process> started = new ArrayList<>();
    private final LocalState state;

    private Stack() throws Exception {
        // Others may look in: Postfix and its sink are not root.
        directory = Files.createTempDirectory(
                "caretaker-bench", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Runtime.getRuntime().addShutdownHook(new Thread(this::clean));
        Path log = directory.resolve("up.log");
        Process up = caretaker(log, "up", "--without-services", "--ports-from", String.valueOf(Machine.freePort()));
        Home home = home();
        Machine.await(up, log, DEADLINE, Duration.ofMillis(50), () -> LocalState.read(home).isPresent());
        state = LocalState.read(home).orElseThrow();
    }

    public static Stack start() throws Exception {
        return new Stack();
    }

    /** For files of the benchmark's own; it goes with the stack. */
    public Path directory() {
        return directory;
    }

    /** Of one part, such as {@code postgres}. */
    public Path log(String part) {
        return directory.resolve("home/logs/" + part + ".log");
    }

    public LocalState state() {
        return state;
    }

    /** The checkout. */
    public static Path root() {
        return ROOT;
    }

    /** To be ended with the stack, the youngest first. */
    synchronized void add(Process process) {
        started.add(process);
    }

    private Home home() {
        return new Home(ROOT, directory.resolve("home"));
    }

    /** A command to the `up` that runs here, such as {@code stop postgres}. */
    public void caretaker(String... command) throws IOException, InterruptedException {
        Path log = directory.resolve("command.log");
        if (caretaker(log, command).waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + " failed:\n" + Files.readString(log));
        }
    }

    private Process caretaker(Path log, String... command) throws IOException {
        List<String> line = new ArrayList<>(List.of(ROOT.resolve("caretaker").toString()));
        line.addAll(List.of(command));
        ProcessBuilder builder =
                new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().keySet().removeAll(List.of("DATABASE_URL", "SMTP_URL", "RESEND_API_KEY"));
        builder.environment().put("CARETAKER_HOME", directory.resolve("home").toString());
        builder.environment().put("CARETAKER_BUILD", "never");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        add(process);
        return process;
    }

    /** The URL of one database of this server, as DATABASE_URL takes it. */
    public String databaseUrl(String database) {
        return state.databaseUrl().replaceFirst("/[^/?]+(\\?|$)", "/" + database + "$1");
    }

    public Connection connect() throws SQLException {
        return connect(state.databaseUrl());
    }

    public Connection connectTo(String database) throws SQLException {
        return connect(databaseUrl(database));
    }

    private static Connection connect(String url) throws SQLException {
        DatabaseUrl parsed = DatabaseUrl.parse(url);
        return DriverManager.getConnection(parsed.jdbcUrl(), parsed.username(), parsed.password());
    }

    /** The first column of the first row. */
    public static long number(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private synchronized void clean() {
        for (int i = started.size() - 1; i >= 0; i--) {
            Process process = started.get(i);
            process.destroy();
            try {
                if (!process.waitFor(30, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (System.getenv("BENCH_KEEP") != null) {
            return;
        }
        try {
            delete(directory);
        } catch (IOException e) {
            System.err.println("left behind: " + directory + " (" + e.getMessage() + ")");
        }
    }

    /** With all that is in it; nothing when it is not there. */
    public static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
