package monitoring;

import io.pgcaretaker.cli.up.Service;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import support.Machine;
import support.Report;
import support.ServiceProcess;

/**
 * What a database with many tables costs, beside Debian's postgres_exporter with the table queries of its example file. One
 * after the other, so that neither counts for the other.
 */
public final class Tables {

    private static final Path EXPORTER = Path.of("/usr/bin/prometheus-postgres-exporter");
    private static final Path QUERIES = Path.of("/usr/share/doc/prometheus-postgres-exporter/examples/queries.yaml");
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    /** Prometheus asks for weeks: what is compiled, or cached, within the first minutes is so at the first figure here. */
    private static final int WARM_UP = 200;

    private static final Duration SCRAPE_INTERVAL = Duration.ofSeconds(15);

    /**
     * @param quick a run to see that it works, not to quote
     * @param each whether what each collector takes is told
     * @param watched how long what it costs is counted
     */
    public record Extent(boolean quick, boolean each, Duration watched) {}

    private final Scraper scraper = new Scraper();
    private final Watched database;
    private final Report report;
    private final boolean quick;
    private final boolean each;
    private final Duration watched;
    private final int scrapes;

    public Tables(Watched database, Report report, Extent extent) {
        this.database = database;
        this.report = report;
        this.quick = extent.quick();
        this.each = extent.each();
        this.watched = extent.watched();
        this.scrapes = quick ? 200 : 1_000;
    }

    public void measure(List<Integer> sizes) throws Exception {
        int tables = 0;
        report.say("%-7s %-18s %9s %9s %9s %12s %13s %10s %8s %8s", "tables", "", "coldest", "p50 ms", "p99 ms", "db ms/min",
                "collection ms", "backend MB", "rss MB", "series");
        for (int size : sizes) {
            database.makeTables(tables, size);
            tables = size;
            Cost ours = ours();
            print(size, "caretaker", ours);
            if (Files.isExecutable(EXPORTER)) {
                print(size, "postgres_exporter", theirs());
            } else {
                report.say("%-7d postgres_exporter is not installed (apt-get install prometheus-postgres-exporter)", size);
            }
            goals(size, ours);
        }
    }

    private Cost ours() throws Exception {
        try (ServiceProcess service =
                new ServiceProcess.Builder(database.stack(), Service.MONITORING).start()) {
            String base = service.managementUrl();
            service.await(DEADLINE, Duration.ofMillis(200), () -> scraper.get(base + "/metrics").contains("\ncaretaker_collector_age_seconds{collector=\"console_wraparound\"}"));
            // What the first looks cost in a session that has just begun is behind it: sessions last.
            database.settle();
            Map<String, Double> before = Scraper.samples(scraper.get(base + "/metrics"));
            double active = database.activeMs();
            long since = System.nanoTime();
            AtomicBoolean watching = new AtomicBoolean(true);
            BackendMemory memory = new BackendMemory(database, "caretaker-monitoring", watching);
            memory.start();
            double atPace = 0;
            while (System.nanoTime() - since < watched.toNanos()) {
                atPace = Math.max(atPace, Scraper.scrape(base + "/metrics", 1)[0]);
                Thread.sleep(Math.min(
                        SCRAPE_INTERVAL.toMillis(), Math.max(0, watched.toMillis() - (System.nanoTime() - since) / 1_000_000)));
            }
            database.settle();
            double perMinute = (database.activeMs() - active) * 60e9 / (System.nanoTime() - since);
            watching.set(false);
            memory.join();
            Map<String, Double> after = Scraper.samples(scraper.get(base + "/metrics"));
            Scraper.scrape(base + "/metrics", WARM_UP);
            double[] times = Scraper.scrape(base + "/metrics", scrapes);
            if (each) {
                perLook(before, after).forEach((name, ms) -> report.say("  %-32s %8.2f ms, the way to it included", name, ms));
            }
            return new Cost(atPace, Report.percentile(times, 50), Report.percentile(times, 99), perMinute, perMinute / 4,
                    memory.most(), Machine.residentMegabytes(service.process().pid()), after.size());
        }
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

    private Cost theirs() throws Exception {
        int port = Machine.freePort();
        Path log = database.stack().directory().resolve("exporter.log");
        ProcessBuilder builder = new ProcessBuilder(
                        EXPORTER.toString(),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--extend.query-path=" + QUERIES)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("DATA_SOURCE_NAME", database.stack().state().databaseUrl().replaceFirst("\\?.*", "") + "?sslmode=disable&application_name=exporter-bench");
        Process process = builder.start();
        try {
            String url = "http://127.0.0.1:" + port + "/metrics";
            Machine.await(process, log, DEADLINE, Duration.ofMillis(200), () -> scraper.get(url).contains("pg_up 1"));
            AtomicBoolean watching = new AtomicBoolean(true);
            BackendMemory memory = new BackendMemory(database, "exporter-bench", watching);
            memory.start();
            double coldest = Scraper.scrape(url, 1)[0];
            database.settle();
            double active = database.activeMs();
            // Every scrape does all of its work; at Prometheus' pace there are four a minute.
            int times = quick ? 4 : 20;
            double[] walls = Scraper.scrape(url, times);
            database.settle();
            double perScrape = (database.activeMs() - active) / times;
            watching.set(false);
            memory.join();
            return new Cost(coldest, Report.percentile(walls, 50), Report.percentile(walls, 99), perScrape * 4, perScrape,
                    memory.most(), Machine.residentMegabytes(process.pid()), Scraper.samples(scraper.get(url)).size());
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    private void print(int tables, String who, Cost cost) {
        report.say("%-7d %-18s %9.1f %9.1f %9.1f %12.0f %13.1f %10.1f %8.0f %8d", tables, who, cost.coldestMs(), cost.scrapeP50Ms(),
                cost.scrapeP99Ms(), cost.databaseMsPerMinute(), cost.collectionMs(), cost.backendMegabytes(),
                cost.rssMegabytes(), cost.series());
    }

    private void goals(int tables, Cost cost) {
        report.atMost("monitoring-scrape-p99-ms-" + tables, cost.scrapeP99Ms(), 10);
        report.atMost("monitoring-backend-megabytes-" + tables, cost.backendMegabytes(), 10);
        report.atMost("monitoring-series-" + tables, cost.series(), 2_000);
        if (tables >= 1_000) {
            report.atMost("monitoring-collection-ms-" + tables, cost.collectionMs(), tables >= 10_000 ? 150 : 30);
        }
    }
}
