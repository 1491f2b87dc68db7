package monitoring;

import io.pgcaretaker.cli.up.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import support.Machine;
import support.Report;
import support.ServiceProcess;

/** A hundred databases of one service. */
public final class Targets {

    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final int TARGETS = 100;

    private final Scraper scraper = new Scraper();
    private final Watched database;
    private final Report report;
    private final Duration watched;

    public Targets(Watched database, Report report, Duration watched) {
        this.database = database;
        this.report = report;
        this.watched = watched;
    }

    /**
     * One service on one processor that looks at 100 databases, all at its normal pace: what it takes, and whether what it
     * knows of each is as fresh as the pace says.
     */
    public void measure() throws Exception {
        allowConnections(250);
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create database target_0");
        }
        String url = database.stack().state().databaseUrl().replaceFirst("/[^/?]*(\\?.*)?$", "/target_");
        try (Connection connection = database.connectTo("target_0");
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
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (int target = 1; target <= TARGETS; target++) {
                statement.execute("create database target_" + target + " template target_0");
                options.add("-Dcaretaker.monitoring.targets.t" + target + ".url=" + url + target + "?sslmode=disable");
            }
        }
        try (ServiceProcess service = new ServiceProcess.Builder(database.stack(), Service.MONITORING)
                .moreFlags(options)
                .within(List.of("taskset", "-c", "0"))
                .start()) {
            String base = service.managementUrl();
            long pid = service.process().pid();
            for (int target = 1; target <= TARGETS; target++) {
                String probe = base + "/probe?target=t" + target;
                service.await(DEADLINE, Duration.ofMillis(200), () -> scraper.get(probe).contains("\npg_up 1\n"));
            }
            // The first look of all at all is behind it.
            Thread.sleep(watched.toMillis() / 2);
            double cpu = cpuSeconds(pid);
            long since = System.nanoTime();
            double oldest = 0;
            long probes = 0;
            while (System.nanoTime() - since < watched.toNanos()) {
                for (int target = 1; target <= TARGETS; target += 10) {
                    oldest = Math.max(oldest, ageOfHeartbeat(scraper.get(base + "/probe?target=t" + target)));
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
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("alter system set max_connections = " + most);
        }
        database.stack().caretaker("stop", "postgres");
        database.stack().caretaker("start", "postgres");
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
}
