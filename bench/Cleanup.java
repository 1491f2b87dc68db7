import io.pgcaretaker.cli.up.Service;
import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.schema.Migrate;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import support.Machine;
import support.Report;
import support.ServiceProcess;
import support.Stack;

/**
 * What clean-up costs: rows a second beside one single delete and beside the usual loop of batches, on copies of one
 * database; what a running pgbench feels of it; what a table's growth and a held snapshot change.
 */
public class Cleanup {

    /** How the expired rows lie in their table. */
    enum Order {
        /** All over it, as where rows expire by what happens to them. */
        SCATTERED("order by md5(n::text)"),
        /** Together at its beginning, as in a log. */
        APPENDED("order by n");

        private final String sql;

        Order(String sql) {
            this.sql = sql;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** One contender's run: rows of the table that went, its longest transaction, and when it was, in epoch milliseconds. */
    record Result(long rows, double seconds, double longestMillis, long begin, long end) {
        double rate() {
            return rows / seconds;
        }
    }

    record Latency(double p95, double p99, double max, long transactions) {}

    /**
     * Small runs of other tables that a service carries before the one that is measured: it is there for months, and the shipped
     * policies are 33 runs a day. What its very first run takes is a line of its own.
     */
    private static final int WARM_UPS = 100;

    private static final Duration DEADLINE = Duration.ofMinutes(10);

    /** What a JVM compiles after its start, and after its first runs, is over by then, and what was copied is on the disk. */
    private static final Duration SETTLED = Duration.ofSeconds(5);

    private static final String LOOP =
            "delete from events where id = any(array(select id from events where at < now() - interval '30 days'"
                    + " order by at limit 5000))";
    private static final String SINGLE = "delete from events where at < now() - interval '30 days'";

    private final HttpClient http = HttpClient.newHttpClient();
    private final boolean quick;
    private final Stack stack;
    private final Report report = new Report();

    Cleanup(boolean quick, Stack stack) {
        this.quick = quick;
        this.stack = stack;
    }

    public static void main(String... arguments) throws Exception {
        java.util.logging.LogManager.getLogManager().reset();
        List<String> parts = Arrays.stream(arguments).filter(a -> !a.startsWith("--")).toList();
        Cleanup bench = new Cleanup(Arrays.asList(arguments).contains("--quick"), Stack.start());
        Optional<Path> statements = Arrays.stream(arguments)
                .filter(argument -> argument.startsWith("--statements="))
                .map(argument -> Path.of(argument.substring("--statements=".length())).toAbsolutePath())
                .findFirst();
        if (statements.isPresent()) {
            bench.execute("postgres", "alter system set log_min_duration_statement = 0");
        }
        bench.measure(parts);
        if (statements.isPresent()) {
            Files.copy(bench.stack.log("postgres"), statements.get(), StandardCopyOption.REPLACE_EXISTING);
        }
        bench.report.end();
    }

    /** All parts, or those that are named; {@code speed} is {@code half} and {@code few}, an order is only that one. */
    private void measure(List<String> named) throws Exception {
        List<String> parts = named.stream()
                .flatMap(name -> name.equals("speed") ? Stream.of("half", "few") : Stream.of(name))
                .toList();
        List<Order> orders = Arrays.stream(Order.values()).filter(order -> parts.contains(order.word())).toList();
        report.say(
                "processors %d, load %.1f, PostgreSQL %s, heap of the service 64 MB",
                Runtime.getRuntime().availableProcessors(),
                Machine.load(),
                queryText("postgres", "show server_version"));
        for (String setting : List.of("max_wal_size = '8GB'", "checkpoint_timeout = '30min'", "autovacuum = off")) {
            execute("postgres", "alter system set " + setting);
        }
        execute("postgres", "select pg_reload_conf()");
        if (parts.isEmpty() || parts.contains("half")) {
            speed(50, orders, "cleanup-half-of-single", 0.95);
        }
        if (parts.isEmpty() || parts.contains("few")) {
            speed(2, orders, "cleanup-two-percent-of-single", 0.8);
        }
        if (parts.isEmpty() || parts.contains("polite")) {
            polite();
        }
        if (parts.isEmpty() || parts.contains("growth")) {
            growth();
        }
        if (parts.isEmpty() || parts.contains("held")) {
            held();
        }
        if (parts.isEmpty() || parts.contains("plan")) {
            plan();
        }
    }

    // Speed: the limit, the usual way, and ours.

    private void speed(int percent, List<Order> orders, String goal, double target) throws Exception {
        // Two percent of less would be over before anything but a run's beginning and end were measured.
        int rows = quick && percent > 10 ? 1_000_000 : 5_000_000;
        report.say("%nunthrottled, %d rows, three indexes; each contender on its own copy, after a checkpoint", rows);
        report.say("%-40s %10s %12s %10s %10s %8s", "", "rows", "rows/s", "seconds", "longest ms", "of single");
        double ours = Double.MAX_VALUE;
        double archived = Double.MAX_VALUE;
        double longest = 0;
        for (Order order : orders.isEmpty() ? List.of(Order.values()) : orders) {
            make("base", rows, percent, order);
            String name = percent + " % " + order.word();
            List<Result> singles = new ArrayList<>();
            List<Result> deletions = new ArrayList<>();
            List<Result> archives = new ArrayList<>();
            for (int i = 0; i < turns(); i++) {
                singles.add(onCopy(database -> settled(database, SINGLE, false)));
                deletions.add(onCopy(database -> service(database, WARM_UPS, "delete")));
                archives.add(onCopy(database -> service(database, WARM_UPS, "archive")));
            }
            Result single = median(singles);
            line(name + " single delete", single, single);
            line(name + " batched loop", onCopy(database -> settled(database, LOOP, true)), single);
            line(name + " Caretaker, its first run", onCopy(database -> service(database, 0, "delete")), single);
            Result deleted = median(deletions);
            line(name + " Caretaker", deleted, single);
            Result kept = median(archives);
            line(name + " Caretaker, archive", kept, single);
            ours = Math.min(ours, deleted.rate() / single.rate());
            archived = Math.min(archived, kept.rate() / single.rate());
            longest = Math.max(longest, Math.max(deleted.longestMillis(), kept.longestMillis()));
            drop("base");
        }
        report.atLeast(goal, ours, target);
        report.atLeast(goal + "-archived", archived, 0.5);
        report.atMost("cleanup-longest-transaction-ms", longest, 250);
    }

    private interface Contender {
        Result run(String database) throws Exception;
    }

    /** Contenders take turns: what else the machine does changes from one minute to the next. */
    private int turns() {
        return quick ? 1 : 3;
    }

    /** The middle one; its longest transaction is that of all. */
    private static Result median(List<Result> results) {
        List<Result> all = new ArrayList<>(results);
        all.sort(Comparator.comparingDouble(Result::rate));
        double longest = all.stream().mapToDouble(Result::longestMillis).max().orElseThrow();
        Result middle = all.get(all.size() / 2);
        return new Result(middle.rows(), middle.seconds(), longest, middle.begin(), middle.end());
    }

    private Result onCopy(Contender contender) throws Exception {
        return copied(() -> contender.run("run"));
    }

    private <T> T copied(Callable<T> work) throws Exception {
        execute("postgres", "create database run template base strategy file_copy");
        execute("postgres", "checkpoint");
        try {
            // Every contender finds the table in memory as far as it fits.
            queryText("run", "select count(*) from events");
            return work.call();
        } finally {
            drop("run");
        }
    }

    private Result settled(String database, String sql, boolean repeat) throws Exception {
        settle();
        return timed(database, sql, repeat);
    }

    private Result timed(String database, String sql, boolean repeat) throws SQLException {
        try (Connection connection = stack.connectTo(database);
                Statement statement = connection.createStatement()) {
            long beginMillis = System.currentTimeMillis();
            long begin = System.nanoTime();
            long rows = 0;
            double longest = 0;
            long now;
            do {
                long from = System.nanoTime();
                now = statement.executeLargeUpdate(sql);
                rows += now;
                longest = Math.max(longest, (System.nanoTime() - from) / 1e6);
            } while (repeat && now > 0);
            return new Result(rows, (System.nanoTime() - begin) / 1e9, longest, beginMillis, System.currentTimeMillis());
        }
    }

    // Our service, on one database, one run.

    private Result service(String database, int warmUps, String action) throws Exception {
        try (ServiceProcess service = ready(database, warmUps, "PT0.1S", action, "0")) {
            settle();
            return released(database, service);
        } finally {
            Stack.delete(archive());
        }
    }

    /** A service that has carried its small runs, and opens the one that is measured when it is released. */
    private ServiceProcess ready(String database, int warmUps, String target, String action, String nice) throws Exception {
        execute(database, """
                create function caretaker.bench_wait() returns trigger language plpgsql as $$
                begin
                  return null;
                end $$;
                create trigger bench_wait before insert on caretaker.cleanup_run
                  for each row when (new.policy = 'old-events') execute function caretaker.bench_wait()
                """);
        ServiceProcess service = start(database, policies(warmUps, target, action), nice);
        try {
            await(database, service, "select count(*) from caretaker.cleanup_run where finished_at is not null", warmUps);
            return service;
        } catch (Exception | Error e) {
            service.close();
            throw e;
        }
    }

    /**
     * What the copy, a JVM's start or the runs before have left to do is over, and no contender writes pages that others have
     * changed.
     */
    private void settle() throws Exception {
        Thread.sleep(SETTLED.toMillis());
        execute("postgres", "checkpoint");
    }

    private Result released(String database, ServiceProcess service) throws Exception {
        execute(database, "drop trigger bench_wait on caretaker.cleanup_run");
        await(
                database,
                service,
                "select count(*) from caretaker.cleanup_run where policy = 'old-events' and finished_at is not null",
                1);
        return result(database);
    }

    private Path policies(int warmUps, String target, String action) throws IOException {
        Path policies = stack.directory().resolve("policies.yaml");
        StringBuilder text = new StringBuilder("policies:\n");
        for (int i = 1; i <= warmUps; i++) {
            text.append("""
                      - name: warm-up-%d
                        table: warm_up_%d
                        age: { column: at, means: event }
                        retention: P30D
                        every: P365D
                        mode: enforce
                        limits: { max-rows: 100000000, max-fraction: 1 }
                        action: %s
                    """.formatted(i, i, action));
        }
        Files.writeString(policies, text + """
                  - name: old-events
                    table: events
                    age: { column: at, means: event }
                    retention: P30D
                    every: P365D
                    mode: enforce
                    limits: { max-rows: 100000000, max-fraction: 1 }
                    batch-target: %s
                    action: %s
                """.formatted(target, action));
        return policies;
    }

    /** In one session: a new one for each look would take a processor from what is measured. */
    private void await(String database, ServiceProcess service, String count, long wanted) throws Exception {
        try (Connection connection = stack.connectTo(database);
                PreparedStatement statement = connection.prepareStatement(count)) {
            service.await(DEADLINE, Duration.ofMillis(100), () -> {
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() && row.getLong(1) >= wanted;
                }
            });
        }
    }

    private Result result(String database) throws SQLException {
        try (Connection connection = stack.connectTo(database);
                Statement statement = connection.createStatement();
                ResultSet run = statement.executeQuery("select state, strategy, rows_deleted, longest_batch_ms,"
                        + " extract(epoch from finished_at - started_at)::float8 as seconds, stop_detail,"
                        + " (extract(epoch from started_at) * 1000)::bigint as begin, (extract(epoch from finished_at) * 1000)::bigint as end"
                        + " from caretaker.cleanup_run where policy = 'old-events'")) {
            run.next();
            if (!run.getString("state").equals("completed")) {
                throw new IllegalStateException("the run ended as " + run.getString("state") + ": " + run.getString("stop_detail"));
            }
            return new Result(
                    run.getLong("rows_deleted"),
                    run.getDouble("seconds"),
                    run.getDouble("longest_batch_ms"),
                    run.getLong("begin"),
                    run.getLong("end"));
        }
    }

    // Politeness: what four clients at 400 transactions a second feel.

    private void polite() throws Exception {
        Path pgbench = pgbench();
        if (pgbench == null) {
            report.say("%npgbench is not on this machine (PATH, /usr/lib/postgresql/*/bin): politeness is not measured");
            report.atMost("cleanup-polite-p99-ratio", Double.NaN, 1.1);
            return;
        }
        int seconds = quick ? 45 : 75;
        int rows = quick ? 1_000_000 : 2_000_000;
        make("base", rows, 50, Order.SCATTERED);
        pgbench(pgbench, "base", "-i", "-s", "10", "-q");
        report.say("%npgbench, 4 clients, 400 transactions a second, %d seconds; %d expired rows of %d", seconds, rows / 2, rows);
        report.say("%-22s %10s %10s %10s %12s", "", "p95 ms", "p99 ms", "max ms", "rows/s");
        copied(() -> besides(pgbench, seconds, () -> timed("run", SINGLE, false), "single delete"));
        List<Double> ratios = new ArrayList<>();
        List<Double> rates = new ArrayList<>();
        for (int turn = 0; turn < turns(); turn++) {
            Latency idle = copied(() -> besides(pgbench, seconds, null, "idle"));
            Latency ours = copied(() -> {
                try (ServiceProcess service = ready("run", WARM_UPS, "PT0.003S", "delete", "9")) {
                    Thread.sleep(SETTLED.toMillis());
                    return besides(
                            pgbench,
                            seconds,
                            () -> {
                                Result result = released("run", service);
                                rates.add(result.rate());
                                return result;
                            },
                            "Caretaker, polite");
                }
            });
            ratios.add(ours.p99() / idle.p99());
        }
        drop("base");
        Collections.sort(ratios);
        Collections.sort(rates);
        report.atMost("cleanup-polite-p99-ratio", ratios.get(ratios.size() / 2), 1.1);
        report.atLeast("cleanup-polite-rows-per-second", rates.get(rates.size() / 2), 30_000);
    }

    /** Latencies of pgbench from its own log, for as long as the contender's statements or run lasted; all of it beside none. */
    private Latency besides(Path pgbench, int seconds, Callable<Result> contender, String name) throws Exception {
        Path logs = Files.createTempDirectory(stack.directory(), "pgbench");
        Process bench = pgbenchProcess(
                pgbench,
                "run",
                "-c", "4", "-j", "2", "-R", "400", "-T", String.valueOf(seconds), "-l", "--log-prefix=" + logs.resolve("log"));
        Thread.sleep(2_000);
        long begin = System.currentTimeMillis();
        Result result = contender == null ? null : contender.call();
        long end = System.currentTimeMillis() + TimeUnit.SECONDS.toMillis(seconds);
        if (result != null) {
            begin = result.begin();
            end = Math.max(result.end(), begin + 1_000);
            if (!bench.isAlive()) {
                throw new IllegalStateException(name + " took longer than pgbench ran");
            }
        }
        bench.waitFor();
        Latency latency = latency(logs, begin, end);
        report.say("%-22s %10.1f %10.1f %10.1f %12s", name, latency.p95(), latency.p99(), latency.max(), result == null ? "" : String.format(Locale.ROOT, "%.0f", result.rate()));
        return latency;
    }

    /** A line: client, number, microseconds, script, epoch seconds, its microseconds, and how late it began. */
    private static Latency latency(Path logs, long begin, long end) throws IOException {
        List<Double> millis = new ArrayList<>();
        try (Stream<Path> files = Files.list(logs)) {
            for (Path file : files.toList()) {
                for (String line : Files.readAllLines(file)) {
                    String[] parts = line.split(" ");
                    long at = Long.parseLong(parts[4]) * 1_000 + Long.parseLong(parts[5]) / 1_000;
                    if (at >= begin && at <= end) {
                        millis.add(Double.parseDouble(parts[2]) / 1_000);
                    }
                }
            }
        }
        double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0
                ? new Latency(Double.NaN, Double.NaN, Double.NaN, 0)
                : new Latency(sorted[sorted.length * 95 / 100], sorted[sorted.length * 99 / 100], sorted[sorted.length - 1], sorted.length);
    }

    private static Path pgbench() throws IOException {
        List<Path> places = new ArrayList<>();
        for (String path : System.getenv().getOrDefault("PATH", "").split(":")) {
            places.add(Path.of(path, "pgbench"));
        }
        if (Files.isDirectory(Path.of("/usr/lib/postgresql"))) {
            try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
                versions.forEach(version -> places.add(version.resolve("bin/pgbench")));
            }
        }
        return places.stream().filter(Files::isExecutable).findFirst().orElse(null);
    }

    private void pgbench(Path pgbench, String database, String... arguments) throws Exception {
        if (pgbenchProcess(pgbench, database, arguments).waitFor() != 0) {
            throw new IllegalStateException("pgbench: " + Files.readString(stack.directory().resolve("pgbench.log")));
        }
    }

    private Process pgbenchProcess(Path pgbench, String database, String... arguments) throws IOException {
        DatabaseUrl url = DatabaseUrl.parse(stack.state().databaseUrl());
        URI server = URI.create(url.jdbcUrl().substring("jdbc:".length()));
        List<String> command = new ArrayList<>(List.of(
                pgbench.toString(), "-h", server.getHost(), "-p", String.valueOf(server.getPort()), "-U", url.username()));
        command.addAll(List.of(arguments));
        command.add(database);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(stack.directory().resolve("pgbench.log").toFile());
        builder.environment().put("PGPASSWORD", url.password());
        return builder.start();
    }

    private Path archive() {
        return stack.directory().resolve("archive");
    }

    private ServiceProcess start(String database, Path policies, String nice) throws Exception {
        return new ServiceProcess.Builder(stack, Service.CLEANUP)
                .flags(List.of(
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dcaretaker.cleanup.nice=" + nice,
                        "-Dcaretaker.cleanup.poll-interval=1s",
                        "-Dcaretaker.cleanup.lag-interval=1h"))
                .environment(Map.of(
                        "DATABASE_URL", stack.databaseUrl(database),
                        "CLEANUP_MODE", "enforce",
                        "CLEANUP_POLICIES_FILE", policies.toString(),
                        "CLEANUP_ARCHIVE_DIRECTORY", archive().toString()))
                .start();
    }

    // Plan: what somebody waits for, on a table that cannot be counted meanwhile.

    private void plan() throws Exception {
        int rows = quick ? 2_000_000 : 20_000_000;
        execute("postgres", "create database base");
        Migrate.migrate(DatabaseUrl.parse(stack.databaseUrl("base")));
        execute("base", "create table events (id int not null, at timestamptz not null)");
        execute("base", "insert into events select n, now() - (n % 100) * interval '1 day' from generate_series(1, "
                + rows + ") as n");
        execute("base", "alter table events add constraint events_pkey primary key (id)");
        execute("base", "create index events_at on events (at, id)");
        execute("base", "vacuum (analyze) events");
        // Plans only: no run may read the same rows beside them.
        execute("base", "update caretaker.cleanup_switch set stopped = true");
        Path policies = stack.directory().resolve("policies.yaml");
        Files.writeString(policies, """
                policies:
                  - name: old-events
                    table: events
                    age: { column: at, means: event }
                    retention: P10D
                    every: P365D
                    limits: { max-rows: 100000000, max-fraction: 1 }
                """);
        double slowest = 0;
        String last = "";
        try (ServiceProcess service = start("base", policies, "0")) {
            for (int i = 0; i < 5; i++) {
                long begin = System.nanoTime();
                HttpResponse<String> answer = http.send(
                        HttpRequest.newBuilder(URI.create(service.url() + "/api/cleanup/policies/old-events/plan"))
                                .header("Authorization", "Bearer " + stack.state().apiKey())
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() != 200) {
                    throw new IllegalStateException("plan answered " + answer.statusCode() + " " + answer.body());
                }
                slowest = Math.max(slowest, (System.nanoTime() - begin) / 1e9);
                last = answer.body();
            }
        }
        report.say("%nplan of %d rows, nine tenths of them expired; the slowest of five took %.2f s%n%s", rows, slowest, last);
        report.atMost("cleanup-plan-seconds", slowest, 5);
        drop("base");
    }

    // Growth, and a snapshot that somebody holds open.

    private void growth() throws Exception {
        int[] sizes = quick ? new int[] {200_000, 1_000_000} : new int[] {1_000_000, 5_000_000, 25_000_000};
        report.say("%ngrowth, half expired and scattered");
        report.say("%-22s %10s %12s %14s", "rows", "gone", "rows/s", "us a row");
        Map<Integer, Result> results = new LinkedHashMap<>();
        for (int size : sizes) {
            make("base", size, 50, Order.SCATTERED);
            Result result = onCopy(database -> service(database, WARM_UPS, "delete"));
            results.put(size, result);
            report.say("%-22d %10d %12.0f %14.2f", size, result.rows(), result.rate(), 1e6 / result.rate());
            drop("base");
        }
        report.atMost("cleanup-growth-time-per-row", results.get(sizes[0]).rate() / results.get(sizes[sizes.length - 1]).rate(), 1.25);
    }

    private void held() throws Exception {
        int size = quick ? 1_000_000 : 5_000_000;
        make("base", size, 50, Order.SCATTERED);
        report.say("%na snapshot held open by somebody, %d rows, half expired and scattered", size);
        report.say("%-22s %10s %12s %14s", "", "gone", "rows/s", "us a row");
        List<Result> frees = new ArrayList<>();
        List<Result> helds = new ArrayList<>();
        for (int i = 0; i < turns(); i++) {
            frees.add(onCopy(database -> service(database, WARM_UPS, "delete")));
            helds.add(onCopy(this::withSnapshot));
        }
        Result free = median(frees);
        report.say("%-22s %10d %12.0f %14.2f", "none", free.rows(), free.rate(), 1e6 / free.rate());
        Result held = median(helds);
        report.say("%-22s %10d %12.0f %14.2f", "held", held.rows(), held.rate(), 1e6 / held.rate());
        drop("base");
        report.atLeast("cleanup-with-snapshot-held", held.rate() / free.rate(), 0.8);
    }

    private Result withSnapshot(String database) throws Exception {
        try (Connection holder = stack.connectTo(database);
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            holder.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.executeQuery("select count(*) from pg_class").close();
            return service(database, WARM_UPS, "delete");
        }
    }

    // The table that all of it is about.

    private void make(String database, int rows, int percent, Order order) throws Exception {
        execute("postgres", "create database " + database);
        Migrate.migrate(DatabaseUrl.parse(stack.databaseUrl(database)));
        execute(database, "create table events (id bigint not null, at timestamptz not null, account int not null, text text not null)");
        // Two hours between the youngest expired row and the oldest that stays: the cutoff moves while it is measured.
        execute(database, "insert into events select n, case when n <= " + (long) rows * percent / 100
                + " then now() - interval '60 days' + n * interval '100 milliseconds' else now() - interval '29 days' + n * interval '10 milliseconds' end,"
                + " n % 10007, md5(n::text) || md5((n + 1)::text) from generate_series(1, " + rows + ") as n " + order.sql);
        execute(database, "alter table events add constraint events_pkey primary key (id)");
        execute(database, "create index events_at on events (at, id)");
        execute(database, "create index events_account on events (account)");
        execute(database, "vacuum (analyze, freeze) events");
        for (int i = 1; i <= WARM_UPS; i++) {
            String table = "warm_up_" + i;
            execute(database, "create table " + table + " as select id, case when id % 2 = 0 then at - interval '60 days' else now() end as at"
                    + " from (select * from events limit 5000) as small");
            execute(database, "alter table " + table + " add constraint " + table + "_pkey primary key (id)");
            execute(database, "create index " + table + "_at on " + table + " (at, id)");
            execute(database, "vacuum (analyze) " + table);
        }
    }

    private void drop(String database) throws SQLException {
        execute("postgres", "drop database " + database + " with (force)");
    }

    private void line(String name, Result result, Result single) {
        report.say(
                "%-40s %10d %12.0f %10.2f %10.0f %8.2f",
                name, result.rows(), result.rate(), result.seconds(), result.longestMillis(), result.rate() / single.rate());
    }

    private void execute(String database, String sql) throws SQLException {
        try (Connection connection = stack.connectTo(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String queryText(String database, String sql) throws SQLException {
        try (Connection connection = stack.connectTo(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private long queryLong(String database, String sql) throws SQLException {
        return Long.parseLong(queryText(database, sql));
    }
}
