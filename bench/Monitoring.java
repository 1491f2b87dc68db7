import io.pgcaretaker.cli.local.LocalState;
import io.pgcaretaker.cli.up.Service;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import support.Machine;
import support.Parts;
import support.Report;
import support.ServiceProcess;
import support.Stack;

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

    private static final Path EXPORTER = Path.of("/usr/bin/prometheus-postgres-exporter");
    private static final Path QUERIES = Path.of("/usr/share/doc/prometheus-postgres-exporter/examples/queries.yaml");
    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final int TARGETS = 100;
    /** Prometheus asks for weeks: what is compiled, or cached, within the first minutes is so at the first figure here. */
    private static final int WARM_UP = 200;
    private static final Duration SCRAPE_INTERVAL = Duration.ofSeconds(15);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Stack stack;
    private final Report report = new Report();
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

    Monitoring(Stack stack, boolean quick, boolean each, List<Integer> sizes) {
        this.stack = stack;
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
        Parts.requireKnown(parts, List.of("tables", "targets"));
        Monitoring bench = new Monitoring(Stack.start(), quick, each, sizes);
        bench.measure(parts.isEmpty() ? List.of("tables", "targets") : parts);
        bench.report.end();
    }

    private void measure(List<String> parts) throws Exception {
        LocalState state = stack.state();
        jdbc = "jdbc:" + state.databaseUrl().replaceFirst("//[^@/]*@", "//");
        String[] user = URI.create(state.databaseUrl()).getUserInfo().split(":", 2);
        jdbc += (jdbc.contains("?") ? "&" : "?") + "user=" + user[0] + "&password=" + user[1];
        database = jdbc.replaceFirst("^[^?]*/([^/?]*)\\?.*$", "$1");
        beside = jdbc.replaceFirst("/[^/?]*\\?", "/template1?");
        report.say("load %.1f when it began (figures mean something on a quiet machine only)%n", Machine.load());
        if (parts.contains("tables")) {
            tables();
        }
        if (parts.contains("targets")) {
            targets();
        }
    }

    private void tables() throws Exception {
        int tables = 0;
        report.say("%-7s %-18s %9s %9s %9s %12s %13s %10s %8s %8s", "tables", "", "coldest", "p50 ms", "p99 ms", "db ms/min",
                "collection ms", "backend MB", "rss MB", "series");
        for (int size : sizes) {
            makeTables(tables, size);
            tables = size;
            Run ours = ours();
            print(size, "caretaker", ours);
            if (Files.isExecutable(EXPORTER)) {
                print(size, "postgres_exporter", theirs());
            } else {
                report.say("%-7d postgres_exporter is not installed (apt-get install prometheus-postgres-exporter)", size);
            }
            goals(size, ours);
        }
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

    private Run ours() throws Exception {
        try (ServiceProcess service =
                new ServiceProcess.Builder(stack, Service.MONITORING).start()) {
            String base = service.managementUrl();
            await(service, () -> get(base + "/metrics").contains("\ncaretaker_collector_age_seconds{collector=\"console_wraparound\"}"));
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
                perLook(before, after).forEach((name, ms) -> report.say("  %-32s %8.2f ms, the way to it included", name, ms));
            }
            return new Run(atPace, Report.percentile(times, 50), Report.percentile(times, 99), perMinute, perMinute / 4,
                    memory.most(), Machine.residentMegabytes(service.process().pid()), after.size());
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
    private void targets() throws Exception {
        allowConnections(250);
        try (Connection connection = DriverManager.getConnection(jdbc);
                Statement statement = connection.createStatement()) {
            statement.execute("create database target_0");
        }
        String database = stack.state().databaseUrl().replaceFirst("/[^/?]*(\\?.*)?$", "/target_");
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
        try (ServiceProcess service = new ServiceProcess.Builder(stack, Service.MONITORING)
                .moreFlags(options)
                .within(List.of("taskset", "-c", "0"))
                .start()) {
            String base = service.managementUrl();
            long pid = service.process().pid();
            for (int target = 1; target <= TARGETS; target++) {
                String url = base + "/probe?target=t" + target;
                await(service, () -> get(url).contains("\npg_up 1\n"));
            }
            // The first look of all at all is behind it.
            Thread.sleep(watched.toMillis() / 2);
            double cpu = cpuSeconds(pid);
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
            double cores = (cpuSeconds(pid) - cpu) / ((System.nanoTime() - since) / 1e9);
            report.say("%n%-8s %10s %16s %8s %8s", "targets", "cores", "oldest look s", "probes", "rss MB");
            report.say("%-8d %10.2f %16.1f %8d %8.0f", TARGETS, cores, oldest, probes, Machine.residentMegabytes(pid));
            report.atMost("monitoring-targets-100-percent-of-a-core", cores * 100, 100);
            // The pace of the fastest collectors is 15 s; a look that waits for its turn may be one late.
            report.atMost("monitoring-targets-100-oldest-look-seconds", oldest, 30);
        }
    }

    private void allowConnections(int most) throws Exception {
        try (Connection connection = DriverManager.getConnection(jdbc);
                Statement statement = connection.createStatement()) {
            statement.execute("alter system set max_connections = " + most);
        }
        stack.caretaker("stop", "postgres");
        stack.caretaker("start", "postgres");
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

    private static void await(ServiceProcess service, Machine.Condition condition) throws Exception {
        service.await(DEADLINE, Duration.ofMillis(200), condition);
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

    private Run theirs() throws Exception {
        int port = Machine.freePort();
        Path log = stack.directory().resolve("exporter.log");
        ProcessBuilder builder = new ProcessBuilder(
                        EXPORTER.toString(),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--extend.query-path=" + QUERIES)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("DATA_SOURCE_NAME", stack.state().databaseUrl().replaceFirst("\\?.*", "") + "?sslmode=disable&application_name=exporter-bench");
        Process process = builder.start();
        try {
            String url = "http://127.0.0.1:" + port + "/metrics";
            Machine.await(process, log, DEADLINE, Duration.ofMillis(200), () -> get(url).contains("pg_up 1"));
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
            return new Run(coldest, Report.percentile(walls, 50), Report.percentile(walls, 99), perScrape * 4, perScrape,
                    memory.most(), Machine.residentMegabytes(process.pid()), samples(get(url)).size());
        } finally {
            process.destroy();
            process.waitFor();
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

    /**
     * Over one connection that is kept, by a client that hands nothing to other threads; the body is read and dropped. What a
     * client makes of it is not the exporter's cost.
     */
    private static double[] scrape(String url, int times) throws Exception {
        double[] walls = new double[times];
        byte[] part = new byte[1 << 16];
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
            connection.setReadTimeout(60_000);
            try (InputStream body = connection.getInputStream()) {
                while (body.read(part) >= 0) {
                    // Only to its end.
                }
            }
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

    private void print(int tables, String who, Run run) {
        report.say("%-7d %-18s %9.1f %9.1f %9.1f %12.0f %13.1f %10.1f %8.0f %8d", tables, who, run.coldestMs(), run.scrapeP50Ms(),
                run.scrapeP99Ms(), run.databaseMsPerMinute(), run.collectionMs(), run.backendMegabytes(),
                run.rssMegabytes(), run.series());
    }

    private void goals(int tables, Run run) {
        report.atMost("monitoring-scrape-p99-ms-" + tables, run.scrapeP99Ms(), 10);
        report.atMost("monitoring-backend-megabytes-" + tables, run.backendMegabytes(), 10);
        report.atMost("monitoring-series-" + tables, run.series(), 2_000);
        if (tables >= 1_000) {
            report.atMost("monitoring-collection-ms-" + tables, run.collectionMs(), tables >= 10_000 ? 150 : 30);
        }
    }
}
