import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.LocalState;
import io.pgcaretaker.cli.up.Readiness;
import io.pgcaretaker.database.DatabaseUrl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Kills the service with SIGKILL at random moments of its runs, and looks each time: rows gone = ledger sum, and no row
 * that is not expired is touched. At the end no expired row is left and the ledger is intact.
 */
public class Cleanupfaults {

    private static final Path ROOT = Path.of(System.getProperty("caretaker.root"));
    private static final int KEPT = 50_000;
    private static final int REFILL = 300_000;

    private final HttpClient http = HttpClient.newHttpClient();
    /** Printed, so that the moments can be repeated: {@code --seed=}. */
    private final long seed;

    private final Random random;
    private final Path directory;
    private final LocalState state;
    private Connection connection;
    private long inserted;
    private int wrong;

    Cleanupfaults(Path directory, LocalState state, long seed) {
        this.seed = seed;
        this.random = new Random(seed);
        this.directory = directory;
        this.state = state;
    }

    public static void main(String... arguments) throws Exception {
        Path directory = Files.createTempDirectory("caretaker-bench");
        Process up = launchUp(directory);
        // Ctrl-C, too, ends what was started.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> clean(up, directory)));
        LocalState state = awaitUp(up, directory);
        int kills = (int) option("--kills=", Arrays.asList(arguments).contains("--quick") ? 20 : 200, arguments);
        long seed = option("--seed=", System.nanoTime(), arguments);
        System.exit(new Cleanupfaults(directory, state, seed).kill(kills) ? 0 : 1);
    }

    private static long option(String name, long otherwise, String... arguments) {
        return Arrays.stream(arguments)
                .filter(argument -> argument.startsWith(name))
                .map(argument -> Long.parseLong(argument.substring(name.length())))
                .findFirst()
                .orElse(otherwise);
    }

    private boolean kill(int kills) throws Exception {
        execute("create table events (id bigint generated always as identity primary key, at timestamptz not null, text text not null)");
        execute("create index events_at on events (at, id)");
        execute("insert into events (at, text) select now(), md5(n::text) from generate_series(1, " + KEPT + ") as n");
        execute("create table kept as select * from events");
        refill();
        say("seed %d", seed);
        long begin = System.nanoTime();
        int amid = 0;
        for (int i = 1; i <= kills; i++) {
            if (queryLong("select count(*) from events where at < now() - interval '30 days'") < 50_000) {
                refill();
            }
            Life life = start("PT0.01S", 2);
            try {
                life.begin();
                long before = batches();
                awaitBatch(life, before);
                life.process().waitFor(random.nextInt(600), TimeUnit.MILLISECONDS);
            } finally {
                life.process().destroyForcibly().waitFor();
            }
            if (queryLong("select count(*) from caretaker.cleanup_run where policy = 'old-events' and state = 'running'") > 0) {
                amid++;
            }
            check("kill " + i);
            if (i % 20 == 0) {
                say("%d kills, %d amid a run, %d rows gone, %d s", i, amid, gone(), TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin));
            }
        }
        boolean intact = finish();
        long left = queryLong("select count(*) from events where at < now() - interval '30 days'");
        say("");
        goal("cleanup-kills", kills, kills, true);
        goal("cleanup-kills-amid-a-run", amid, kills / 2.0, true);
        goal("cleanup-faults", wrong, 0, false);
        goal("cleanup-expired-rows-left", left, 0, false);
        goal("cleanup-ledger-broken", intact ? 0 : 1, 0, false);
        return wrong == 0 && left == 0 && intact && amid >= kills / 2.0;
    }

    /** Rows that lie scattered among those that stay. */
    private void refill() throws SQLException {
        execute("insert into events (at, text) select now() - interval '40 days' - (random() * 1e6)::int * interval '1 second', md5(n::text)"
                + " from generate_series(1, " + REFILL + ") as n");
        inserted += REFILL;
        execute("analyze events");
    }

    private long gone() throws SQLException {
        return KEPT + inserted - queryLong("select count(*) from events");
    }

    private long batches() throws SQLException {
        return queryLong("select coalesce(sum(batches), 0) from caretaker.cleanup_run where policy = 'old-events'");
    }

    private void awaitBatch(Life life, long before) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (batches() == before && life.process().isAlive() && System.nanoTime() < until) {
            Thread.sleep(10);
        }
    }

    private void check(String when) throws SQLException {
        // What the killed process had under way ends with its connection.
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (queryLong("select count(*) from pg_stat_activity where application_name = 'caretaker-cleanup'") > 0
                && System.nanoTime() < until) {
            pause();
        }
        // In one snapshot: at the end the service lives.
        try (Statement statement = connection().createStatement();
                ResultSet sums = statement.executeQuery("""
                        select
                          (select count(*) from events),
                          (select coalesce(sum(rows), 0) from caretaker.cleanup_ledger where policy = 'old-events'),
                          (select coalesce(sum(rows_deleted), 0) from caretaker.cleanup_run where policy = 'old-events'),
                          (select count(*) from events e join kept k on k.id = e.id where row(e.*) = row(k.*))
                        """)) {
            sums.next();
            long gone = KEPT + inserted - sums.getLong(1);
            long ledger = sums.getLong(2);
            long runs = sums.getLong(3);
            long kept = sums.getLong(4);
            if (gone != ledger || ledger != runs || kept != KEPT) {
                wrong++;
                say("%s: gone %d, ledger %d, runs %d, kept %d of %d", when, gone, ledger, runs, kept, KEPT);
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One more life, until nothing is expired and nothing is open. */
    private boolean finish() throws Exception {
        Life life = start("PT0.1S", 0);
        try {
            long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
            while (System.nanoTime() < until
                    && (queryLong("select count(*) from events where at < now() - interval '30 days'") > 0
                            || queryLong("select count(*) from caretaker.cleanup_run where state in ('waiting', 'running')") > 0)) {
                life.begin();
                Thread.sleep(200);
            }
            check("end");
            return life.get("/api/cleanup/ledger/verify").contains("\"intact\":true");
        } finally {
            life.process().destroyForcibly().waitFor();
        }
    }

    /** The service, from its start to its death. */
    private final class Life {

        private final Process process;
        private final String base;

        Life(Process process, String base) {
            this.process = process;
            this.base = base;
        }

        Process process() {
            return process;
        }

        /** A run now, unless one is open. */
        void begin() throws Exception {
            send(HttpRequest.newBuilder(URI.create(base + "/api/cleanup/policies/old-events/runs"))
                    .POST(HttpRequest.BodyPublishers.noBody()));
        }

        String get(String path) throws Exception {
            return send(HttpRequest.newBuilder(URI.create(base + path)).GET());
        }

        private String send(HttpRequest.Builder request) throws Exception {
            return http.send(
                            request.header("Authorization", "Bearer " + state.apiKey()).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private Life start(String target, int nice) throws Exception {
        Path policies = directory.resolve("policies.yaml");
        Files.writeString(policies, """
                policies:
                  - name: old-events
                    table: events
                    age: { column: at, means: event }
                    retention: P30D
                    every: P365D
                    limits: { max-rows: 100000000, max-fraction: 1 }
                    batch-target: %s
                    nice: %d
                """.formatted(target, nice));
        int port = freePort();
        int management = freePort();
        Path log = directory.resolve("cleanup-service.log");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dcaretaker.cleanup.lease=1s",
                        "-Dcaretaker.cleanup.poll-interval=1s",
                        "-jar",
                        ROOT.resolve("cleanup-service/target/quarkus-app/quarkus-run.jar").toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(Map.of(
                "DATABASE_URL", state.databaseUrl(),
                "CLEANUP_MODE", "enforce",
                "CLEANUP_POLICIES_FILE", policies.toString(),
                "CARETAKER_API_KEYS", "bench:operator:" + state.apiKey(),
                "QUARKUS_HTTP_HOST", "127.0.0.1",
                "QUARKUS_HTTP_PORT", String.valueOf(port),
                "QUARKUS_MANAGEMENT_HOST", "127.0.0.1",
                "QUARKUS_MANAGEMENT_PORT", String.valueOf(management)));
        Process process = builder.start();
        Readiness readiness = new Readiness();
        while (!readiness.isReady("http://127.0.0.1:" + management)) {
            if (!process.isAlive()) {
                throw new IllegalStateException("the service does not start:\n" + Files.readString(log));
            }
            Thread.sleep(20);
        }
        return new Life(process, "http://127.0.0.1:" + port);
    }

    private static void goal(String name, double value, double target, boolean atLeast) {
        say("goal %s %.0f %.0f %s", name, value, target, (atLeast ? value >= target : value <= target) ? "ok" : "short");
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    /** One session for all looks: a new one each would take longer than the look. */
    private Connection connection() throws SQLException {
        if (connection == null) {
            DatabaseUrl url = DatabaseUrl.parse(state.databaseUrl());
            connection = DriverManager.getConnection(url.jdbcUrl(), url.username(), url.password());
        }
        return connection;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection().createStatement()) {
            statement.execute(sql);
        }
    }

    private long queryLong(String sql) throws SQLException {
        try (Statement statement = connection().createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static Process launchUp(Path directory) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        ROOT.resolve("caretaker").toString(), "up", "--without-services", "--ports-from", String.valueOf(freePort()))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("up.log").toFile());
        builder.environment().keySet().removeAll(List.of("DATABASE_URL", "SMTP_URL", "RESEND_API_KEY"));
        builder.environment().put("CARETAKER_HOME", directory.toString());
        builder.environment().put("CARETAKER_BUILD", "never");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    private static LocalState awaitUp(Process up, Path directory) throws Exception {
        Home home = new Home(ROOT, directory);
        long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (LocalState.read(home).isEmpty()) {
            if (!up.isAlive() || System.nanoTime() > until) {
                throw new IllegalStateException("PostgreSQL does not start:\n" + Files.readString(directory.resolve("up.log")));
            }
            Thread.sleep(200);
        }
        return LocalState.read(home).orElseThrow();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Math.min(socket.getLocalPort(), 60_000);
        }
    }

    private static void clean(Process up, Path directory) {
        try {
            up.destroy();
            up.waitFor(30, TimeUnit.SECONDS);
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            System.err.println("left behind: " + directory + " (" + e.getMessage() + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
