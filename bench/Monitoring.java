import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.LocalState;
import io.pgcaretaker.cli.up.Readiness;
import io.pgcaretaker.cli.up.Service;
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
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * What monitoring costs, beside Debian's postgres_exporter with the table queries of its example file, on the same
 * database with many tables: scrapes as a scraper sees them, the database's own account of its time, the memory of the
 * backends and of the process, and the series. One after the other, so that neither counts for the other.
 */
public class Monitoring {

    /**
     * What one of the two cost; NaN is not measured.
     *
     * @param collectionMs database time in 15 s, as often as Prometheus asks; of ours all that the service does
     * @param coldestMs the longest scrape of those at Prometheus' pace in the first minutes of the process
     */
    record Run(
            double coldestMs,
            double scrapeP50Ms,
            double scrapeP99Ms,
            double databaseMsPerMinute,
            double collectionMs,
            double backendMegabytes,
            double rssMegabytes,
            long series) {}

    private static final Path ROOT = Path.of(System.getProperty("caretaker.root"));
    private static final Path EXPORTER = Path.of("/usr/bin/prometheus-postgres-exporter");
    private static final Path QUERIES = Path.of("/usr/share/doc/prometheus-postgres-exporter/examples/queries.yaml");
    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final int TARGETS = 100;
    /** Prometheus asks for weeks: what is compiled, or cached, within the first minutes is so at the first figure here. */
    private static final int WARM_UP = 200;
    private static final Duration SCRAPE_INTERVAL = Duration.ofSeconds(15);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Readiness readiness = new Readiness();
    private final List<Integer> sizes;
    private final boolean quick;
    private final boolean each;
    private final Duration watched;
    private final int scrapes;
    /** The database that is looked at. */
    private String jdbc;
    /** Where the harness itself asks, so that its own statements count for nobody. */
    private String beside;
    private String database;

    Monitoring(boolean quick, boolean each, List<Integer> sizes) {
        this.quick = quick;
        this.each = each;
        this.sizes = sizes;
        // As long as the slowest pace, so that every collector has looked at its own pace; --quick leaves the slow ones out.
        this.watched = Duration.ofSeconds(quick ? 61 : 301);
        this.scrapes = quick ? 200 : 1_000;
    }

    /** {@code [--quick] [--each] [tables|tables=1000|tables=100,1000] [targets]}. */
    public static void main(String... arguments) throws Exception {
        List<String> parts = new ArrayList<>(List.of(arguments));
        boolean quick = parts.remove("--quick");
        boolean each = parts.remove("--each");
        List<Integer> sizes = quick ? List.of(100, 1_000) : List.of(100, 1_000, 10_000);
        for (String part : parts) {
            if (part.startsWith("tables=")) {
                sizes = Stream.of(part.substring(7).split(",", -1)).map(Integer::valueOf).sorted().toList();
            }
        }
        parts.replaceAll(part -> part.replaceFirst("=.*", ""));
        boolean allOk = new Monitoring(quick, each, sizes).measure(parts.isEmpty() ? List.of("tables", "targets") : parts);
        System.exit(allOk ? 0 : 1);
    }

    private boolean measure(List<String> parts) throws Exception {
        Path directory = Files.createTempDirectory("caretaker-bench");
        Path log = directory.resolve("up.log");
        Process up = launchUp(directory, log);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> clean(up, directory)));
        LocalState state = awaitUp(up, directory, log);
        jdbc = "jdbc:" + state.databaseUrl().replaceFirst("//[^@/]*@", "//");
        String[] user = URI.create(state.databaseUrl()).getUserInfo().split(":", 2);
        jdbc += (jdbc.contains("?") ? "&" : "?") + "user=" + user[0] + "&password=" + user[1];
        database = jdbc.replaceFirst("^[^?]*/([^/?]*)\\?.*$", "$1");
        beside = jdbc.replaceFirst("/[^/?]*\\?", "/template1?");
        say("load %.1f when it began (figures mean something on a quiet machine only)%n", load());
        boolean allOk = !parts.contains("tables") || tables(state, directory);
        if (parts.contains("targets")) {
            allOk &= targets(state, directory);
        }
        return allOk;
    }

    private boolean tables(LocalState state, Path directory) throws Exception {
        boolean allOk = true;
        int tables = 0;
        say("%-7s %-18s %9s %9s %9s %12s %13s %10s %8s %8s", "tables", "", "coldest", "p50 ms", "p99 ms", "db ms/min",
                "collection ms", "backend MB", "rss MB", "series");
        for (int size : sizes) {
            makeTables(tables, size);
            tables = size;
            Run ours = ours(state, directory);
            print(size, "caretaker", ours);
            if (Files.isExecutable(EXPORTER)) {
                print(size, "postgres_exporter", theirs(state, directory));
            } else {
                say("%-7d postgres_exporter is not installed (apt-get install prometheus-postgres-exporter)", size);
            }
            allOk &= goals(size, ours);
        }
        return allOk;
    }

    /** Each with a primary key, a second index and TOAST, some rows, and statistics. */
    private void makeTables(int from, int to) throws Exception {
        try (Connection connection = DriverManager.getConnection(jdbc);
                Statement statement = connection.createStatement()) {
            statement.execute("create schema if not exists many");
            for (int start = from; start < to; start += 500) {
                statement.execute(
                        """
                        do $$ begin
                          for i in %d..%d loop
                            execute format('create table many.t%%s (id int primary key, number int, text text);
                              create index on many.t%%s (number);
                              insert into many.t%%s select n, n, repeat(''x'', 100) from generate_series(1, 20) n', i, i, i);
                          end loop;
                        end $$
                        """
                                .formatted(start + 1, Math.min(to, start + 500)));
            }
            statement.execute("vacuum analyze");
            statement.execute("checkpoint");
        }
    }

    private Run ours(LocalState state, Path directory) throws Exception {
        int management = freePort();
        Path log = directory.resolve("monitoring.log");
        Process process = start(state, management, List.of(), List.of(), log);
        try {
            String base = "http://127.0.0.1:" + management;
            until(process, log, () -> readiness.isReady(base));
            until(process, log, () -> get(base + "/metrics").contains("\ncaretaker_collector_age_seconds{collector=\"console_wraparound\"}"));
            // What the first looks cost in a session that has just begun is behind it: sessions last.
            settle();
            Map<String, Double> before = samples(get(base + "/metrics"));
            double active = activeMs();
            long since = System.nanoTime();
            AtomicBoolean watching = new AtomicBoolean(true);
            BackendMemory memory = new BackendMemory("caretaker-monitoring", watching);
            memory.start();
            double atPace = 0;
            while (System.nanoTime() - since < watched.toNanos()) {
                atPace = Math.max(atPace, scrape(base + "/metrics", 1)[0]);
                Thread.sleep(Math.min(
                        SCRAPE_INTERVAL.toMillis(), Math.max(0, watched.toMillis() - (System.nanoTime() - since) / 1_000_000)));
            }
            settle();
            double perMinute = (activeMs() - active) * 60e9 / (System.nanoTime() - since);
            watching.set(false);
            memory.join();
            Map<String, Double> after = samples(get(base + "/metrics"));
            scrape(base + "/metrics", WARM_UP);
            double[] times = scrape(base + "/metrics", scrapes);
            if (each) {
                perLook(before, after).forEach((name, ms) -> say("  %-32s %8.2f ms, the way to it included", name, ms));
            }
            return new Run(atPace, percentile(times, 50), percentile(times, 99), perMinute, perMinute / 4,
                    memory.most(), rss(process.pid()), after.size());
        } finally {
            stop(process);
        }
    }

    /** A session that idles hands its statistics in within a second, or ten when it did so just before. */
    private void settle() throws InterruptedException {
        Thread.sleep(10_500);
    }

    /**
     * One service on one processor that looks at 100 databases, all at its normal pace: what it takes, and whether what it
     * knows of each is as fresh as the pace says.
     */
    private boolean targets(LocalState state, Path directory) throws Exception {
        allowConnections(250, directory);
        try (Connection connection = DriverManager.getConnection(jdbc);
                Statement statement = connection.createStatement()) {
            statement.execute("create database target_0");
        }
        String database = state.databaseUrl().replaceFirst("/[^/?]*(\\?.*)?$", "/target_");
        try (Connection connection = DriverManager.getConnection(jdbc.replaceFirst("/[^/?]*\\?", "/target_0?"));
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    do $$ begin
                      for i in 1..50 loop
                        execute format('create table t%s (id int primary key, number int);
                          create index on t%s (number);
                          insert into t%s select n, n from generate_series(1, 20) n', i, i, i);
                      end loop;
                    end $$
                    """);
        }
        List<String> options = new ArrayList<>(List.of("-XX:ActiveProcessorCount=1", "-Xmx192m"));
        try (Connection connection = DriverManager.getConnection(jdbc);
                Statement statement = connection.createStatement()) {
            for (int target = 1; target <= TARGETS; target++) {
                statement.execute("create database target_" + target + " template target_0");
                options.add("-Dcaretaker.monitoring.targets.t" + target + ".url=" + database + target + "?sslmode=disable");
            }
        }
        int management = freePort();
        Path log = directory.resolve("targets.log");
        Process process = start(state, management, options, List.of("taskset", "-c", "0"), log);
        try {
            String base = "http://127.0.0.1:" + management;
            until(process, log, () -> readiness.isReady(base));
            for (int target = 1; target <= TARGETS; target++) {
                String url = base + "/probe?target=t" + target;
                until(process, log, () -> get(url).contains("\npg_up 1\n"));
            }
            // The first look of all at all is behind it.
            Thread.sleep(watched.toMillis() / 2);
            double cpu = cpuSeconds(process.pid());
            long since = System.nanoTime();
            double oldest = 0;
            long probes = 0;
            while (System.nanoTime() - since < watched.toNanos()) {
                for (int target = 1; target <= TARGETS; target += 10) {
                    oldest = Math.max(oldest, ageOfHeartbeat(get(base + "/probe?target=t" + target)));
                    probes++;
                }
                Thread.sleep(1_000);
            }
            double cores = (cpuSeconds(process.pid()) - cpu) / ((System.nanoTime() - since) / 1e9);
            say("%n%-8s %10s %16s %8s %8s", "targets", "cores", "oldest look s", "probes", "rss MB");
            say("%-8d %10.2f %16.1f %8d %8.0f", TARGETS, cores, oldest, probes, rss(process.pid()));
            boolean ok = goal("monitoring-targets-100-percent-of-a-core", cores * 100, 100);
            // The pace of the fastest collectors is 15 s; a look that waits for its turn may be one late.
            return ok & goal("monitoring-targets-100-oldest-look-seconds", oldest, 30);
        } finally {
            stop(process);
        }
    }

    private void allowConnections(int most, Path directory) throws Exception {
        try (Connection connection = DriverManager.getConnection(jdbc);
                Statement statement = connection.createStatement()) {
            statement.execute("alter system set max_connections = " + most);
        }
        for (String command : List.of("stop", "start")) {
            ProcessBuilder builder = new ProcessBuilder(ROOT.resolve("caretaker").toString(), command, "postgres")
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve(command + ".log").toFile());
            builder.environment().put("CARETAKER_HOME", directory.toString());
            builder.environment().put("CARETAKER_BUILD", "never");
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            if (builder.start().waitFor() != 0) {
                throw new IllegalStateException(Files.readString(directory.resolve(command + ".log")));
            }
        }
    }

    /** Of the collector that looks most often, as the service says it. */
    private static double ageOfHeartbeat(String exposition) {
        return exposition.lines()
                .filter(line -> line.startsWith("caretaker_collector_age_seconds{collector=\"server\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no age of the collector server"));
    }

    private static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    }

    /** The packaged service, with the flags of `./caretaker up`. */
    private static Process start(LocalState state, int management, List<String> options, List<String> wrapper, Path log)
            throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.add(System.getProperty("java.home") + "/bin/java");
        command.addAll(Service.JVM_FLAGS);
        command.addAll(options);
        command.addAll(List.of(
                "-jar", ROOT.resolve("monitoring-service/target/quarkus-app/quarkus-run.jar").toString()));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(Map.of(
                "DATABASE_URL", state.databaseUrl(),
                "CARETAKER_API_KEYS", "bench:operator:" + state.apiKey(),
                "CARETAKER_SERVICE_KEY", state.serviceKey(),
                "QUARKUS_HTTP_HOST", "127.0.0.1",
                "QUARKUS_HTTP_PORT", String.valueOf(freePort()),
                "QUARKUS_MANAGEMENT_HOST", "127.0.0.1",
                "QUARKUS_MANAGEMENT_PORT", String.valueOf(management)));
        return builder.start();
    }

    /** What a look of each collector took on average, in milliseconds, as the service counts it. */
    private static Map<String, Double> perLook(Map<String, Double> before, Map<String, Double> after) {
        Map<String, Double> costs = new TreeMap<>();
        for (Map.Entry<String, Double> sample : after.entrySet()) {
            if (!sample.getKey().startsWith("caretaker_collector_database_seconds_total")) {
                continue;
            }
            String looks = sample.getKey().replace("database_seconds", "looks");
            String name = sample.getKey().replaceAll(".*collector=\"([^\"]*)\".*", "$1");
            double count = after.get(looks) - before.getOrDefault(looks, 0.0);
            if (count > 0) {
                costs.put(name, (sample.getValue() - before.getOrDefault(sample.getKey(), 0.0)) / count * 1000);
            }
        }
        return costs;
    }

    private Run theirs(LocalState state, Path directory) throws Exception {
        int port = freePort();
        ProcessBuilder builder = new ProcessBuilder(
                        EXPORTER.toString(),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--extend.query-path=" + QUERIES)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("exporter.log").toFile());
        builder.environment().put("DATA_SOURCE_NAME", state.databaseUrl().replaceFirst("\\?.*", "") + "?sslmode=disable&application_name=exporter-bench");
        Process process = builder.start();
        try {
            String url = "http://127.0.0.1:" + port + "/metrics";
            until(process, directory.resolve("exporter.log"), () -> get(url).contains("pg_up 1"));
            AtomicBoolean watching = new AtomicBoolean(true);
            BackendMemory memory = new BackendMemory("exporter-bench", watching);
            memory.start();
            double coldest = scrape(url, 1)[0];
            settle();
            double active = activeMs();
            // Every scrape does all of its work; at Prometheus' pace there are four a minute.
            int times = quick ? 4 : 20;
            double[] walls = scrape(url, times);
            settle();
            double perScrape = (activeMs() - active) / times;
            watching.set(false);
            memory.join();
            return new Run(coldest, percentile(walls, 50), percentile(walls, 99), perScrape * 4, perScrape,
                    memory.most(), rss(process.pid()), samples(get(url)).size());
        } finally {
            stop(process);
        }
    }

    /** The largest anonymous memory of the backends with a name, looked at all the time: an exporter's live for a scrape. */
    private final class BackendMemory extends Thread {

        private final String application;
        private final AtomicBoolean watching;
        private volatile double most;

        BackendMemory(String application, AtomicBoolean watching) {
            this.application = application;
            this.watching = watching;
        }

        double most() {
            return most;
        }

        @Override
        public void run() {
            try (Connection connection = DriverManager.getConnection(beside);
                    Statement statement = connection.createStatement()) {
                while (watching.get()) {
                    try (ResultSet rows = statement.executeQuery(
                            "select pid from pg_stat_activity where application_name = '" + application + "'"
                                    + " or (application_name = '' and client_addr is not null and '" + application + "' like 'exporter%')")) {
                        while (rows.next()) {
                            most = Math.max(most, anonymous(rows.getLong(1)));
                        }
                    }
                    Thread.sleep(20);
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private double anonymous(long pid) {
            try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
                return lines.filter(line -> line.startsWith("RssAnon:"))
                        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                        .findFirst()
                        .orElse(0);
            } catch (IOException | RuntimeException e) {
                return 0;
            }
        }
    }

    /** What sessions in the database that is looked at spent executing, as the server counts it. */
    private double activeMs() throws Exception {
        try (Connection connection = DriverManager.getConnection(beside);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select active_time from pg_stat_database where datname = '" + database + "'")) {
            rows.next();
            return rows.getDouble(1);
        }
    }

    /** The body is read and dropped: what a client makes of it is not the exporter's cost. */
    private double[] scrape(String url, int times) throws Exception {
        double[] walls = new double[times];
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            http.send(HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(60)).build(),
                    HttpResponse.BodyHandlers.discarding());
            walls[i] = (System.nanoTime() - start) / 1e6;
        }
        return walls;
    }

    private String get(String url) {
        try {
            return http.send(HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(60)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Double> samples(String text) {
        Map<String, Double> samples = new HashMap<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int space = line.lastIndexOf(' ');
            samples.put(line.substring(0, space), Double.valueOf(line.substring(space + 1).replace("Inf", "Infinity")));
        });
        return samples;
    }

    private static double percentile(double[] values, int percent) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[Math.min(sorted.length - 1, (int) Math.ceil(sorted.length * percent / 100.0) - 1)];
    }

    private void print(int tables, String who, Run run) {
        say("%-7d %-18s %9.1f %9.1f %9.1f %12.0f %13.1f %10.1f %8.0f %8d", tables, who, run.coldestMs(), run.scrapeP50Ms(),
                run.scrapeP99Ms(), run.databaseMsPerMinute(), run.collectionMs(), run.backendMegabytes(),
                run.rssMegabytes(), run.series());
    }

    private boolean goals(int tables, Run run) {
        boolean ok = goal("monitoring-scrape-p99-ms-" + tables, run.scrapeP99Ms(), 10);
        ok &= goal("monitoring-backend-megabytes-" + tables, run.backendMegabytes(), 10);
        ok &= goal("monitoring-series-" + tables, run.series(), 2_000);
        if (tables >= 1_000) {
            ok &= goal("monitoring-collection-ms-" + tables, run.collectionMs(), tables >= 10_000 ? 150 : 30);
        }
        return ok;
    }

    private static boolean goal(String name, double value, double target) {
        boolean ok = value <= target;
        say("goal %s %.1f %.0f %s", name, value, target, ok ? "ok" : "short");
        return ok;
    }

    private static Process launchUp(Path directory, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        ROOT.resolve("caretaker").toString(), "up", "--without-services", "--ports-from", String.valueOf(freePort()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().keySet().removeAll(List.of("DATABASE_URL", "SMTP_URL", "RESEND_API_KEY"));
        builder.environment().put("CARETAKER_HOME", directory.toString());
        builder.environment().put("CARETAKER_BUILD", "never");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    private static LocalState awaitUp(Process up, Path directory, Path log) throws Exception {
        Home home = new Home(ROOT, directory);
        long until = System.nanoTime() + DEADLINE.toNanos();
        while (LocalState.read(home).isEmpty()) {
            if (!up.isAlive() || System.nanoTime() > until) {
                throw new IllegalStateException("PostgreSQL does not start:\n" + Files.readString(log));
            }
            Thread.sleep(200);
        }
        return LocalState.read(home).orElseThrow();
    }

    /** Something that becomes true. */
    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void until(Process process, Path log, Condition condition) throws Exception {
        long until = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.holds()) {
            if (!process.isAlive() || System.nanoTime() > until) {
                throw new IllegalStateException("does not come up:\n" + Files.readString(log));
            }
            Thread.sleep(200);
        }
    }

    private static void stop(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    private static double rss(long pid) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElse(Double.NaN);
        }
    }

    private static double load() {
        return java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
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
