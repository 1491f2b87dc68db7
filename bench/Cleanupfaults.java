import io.pgcaretaker.cli.up.Service;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import support.Report;
import support.ServiceProcess;
import support.Stack;
import support.Usage;

/**
 * Kills the service with SIGKILL at random moments of its runs, and looks each time: rows gone = ledger sum, and no row
 * that is not expired is touched. At the end no expired row is left and the ledger is intact.
 */
public class Cleanupfaults {

    private static final int KEPT = 50_000;
    private static final int REFILL = 300_000;

    /** Transactions beside a first one: the only two that a run has open at once. */
    private static final String OPEN_SECONDS = """
            select count(*) - 1
            from pg_stat_activity
            where application_name = 'caretaker-cleanup'
              and xact_start is not null
              and query ~ 'caretaker.cleanup.(run-fence|sweep|run-advance|ledger)'
            """;

    private final HttpClient http = HttpClient.newHttpClient();
    /** Printed, so that the moments can be repeated: {@code --seed=}. */
    private final long seed;

    private final Random random;
    private final Stack stack;
    private final Connection connection;
    private final Report report = new Report();
    private long inserted;
    private int wrong;

    /** One session for all looks: a new one each would take longer than the look. */
    Cleanupfaults(Stack stack, long seed) throws SQLException {
        this.seed = seed;
        this.random = new Random(seed);
        this.stack = stack;
        this.connection = stack.connect();
    }

    public static void main(String... arguments) throws Exception {
        new Usage("cleanupfaults", List.of("--quick", "--kills=N", "--seed=N"), List.of()).check(arguments);
        int kills = (int) option("--kills=", Arrays.asList(arguments).contains("--quick") ? 20 : 200, arguments);
        long seed = option("--seed=", System.nanoTime(), arguments);
        Cleanupfaults faults = new Cleanupfaults(Stack.start(), seed);
        faults.kill(kills);
        faults.report.end();
    }

    private static long option(String name, long otherwise, String... arguments) {
        return Arrays.stream(arguments)
                .filter(argument -> argument.startsWith(name))
                .map(argument -> Long.parseLong(argument.substring(name.length())))
                .findFirst()
                .orElse(otherwise);
    }

    private void kill(int kills) throws Exception {
        execute("create table events (id bigint generated always as identity primary key, at timestamptz not null, text text not null)");
        execute("create index events_at on events (at, id)");
        execute("insert into events (at, text) select now(), md5(n::text) from generate_series(1, " + KEPT + ") as n");
        execute("create table kept as select * from events");
        refill();
        report.say("seed %d", seed);
        long begin = System.nanoTime();
        int amid = 0;
        int beside = 0;
        for (int i = 1; i <= kills; i++) {
            if (queryLong("select count(*) from events where at < now() - interval '30 days'") < REFILL / 2) {
                refill();
            }
            // First a window after the other, with rests, then two windows at once: another policy ends an open run.
            boolean rests = i <= kills / 2;
            try (Life life = rests ? start("PT0.01S", 2) : start("PT0.002S", 0)) {
                life.begin();
                long before = batches();
                awaitBatch(life, before);
                life.process().waitFor(random.nextInt(rests ? 600 : 300), TimeUnit.MILLISECONDS);
                if (queryLong(OPEN_SECONDS) > 0) {
                    beside++;
                }
            }
            if (queryLong("select count(*) from caretaker.cleanup_run where policy = 'old-events' and state = 'running'") > 0) {
                amid++;
            }
            check("kill " + i);
            if (i % 20 == 0) {
                report.say("%d kills, %d amid a run, %d as two windows were open, %d rows gone, %d s", i, amid, beside, gone(), TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin));
            }
        }
        boolean intact = finish();
        long left = queryLong("select count(*) from events where at < now() - interval '30 days'");
        report.atLeast("cleanup-kills", kills, kills);
        report.atLeast("cleanup-kills-amid-a-run", amid, kills / 2.0);
        report.atMost("cleanup-faults", wrong, 0);
        report.atMost("cleanup-expired-rows-left", left, 0);
        report.atMost("cleanup-ledger-broken", intact ? 0 : 1, 0);
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
        try (Statement statement = connection.createStatement();
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
                report.say("%s: gone %d, ledger %d, runs %d, kept %d of %d", when, gone, ledger, runs, kept, KEPT);
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
        try (Life life = start("PT0.1S", 0)) {
            long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
            while (System.nanoTime() < until
                    && (queryLong("select count(*) from events where at < now() - interval '30 days'") > 0
                            || queryLong("select count(*) from caretaker.cleanup_run where state in ('waiting', 'running')") > 0)) {
                life.begin();
                Thread.sleep(200);
            }
            check("end");
            return life.get("/api/cleanup/ledger/verify").contains("\"intact\":true");
        }
    }

    /** The service, from its start to its death. */
    private final class Life implements AutoCloseable {

        private final ServiceProcess service;

        Life(ServiceProcess service) {
            this.service = service;
        }

        /** A run now, unless one is open. */
        void begin() throws Exception {
            send(HttpRequest.newBuilder(URI.create(service.url() + "/api/cleanup/policies/old-events/runs"))
                    .POST(HttpRequest.BodyPublishers.noBody()));
        }

        String get(String path) throws Exception {
            return send(HttpRequest.newBuilder(URI.create(service.url() + path)).GET());
        }

        private String send(HttpRequest.Builder request) throws Exception {
            return http.send(
                            request.header("Authorization", "Bearer " + stack.state().apiKey()).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }

        Process process() {
            return service.process();
        }

        @Override
        public void close() throws InterruptedException {
            service.kill();
        }
    }

    private Life start(String target, int nice) throws Exception {
        Path policies = stack.directory().resolve("policies.yaml");
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
        return new Life(new ServiceProcess.Builder(stack, Service.CLEANUP)
                .flags(List.of(
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dcaretaker.cleanup.lease=1s",
                        "-Dcaretaker.cleanup.poll-interval=1s"))
                .environment(Map.of("CLEANUP_MODE", "enforce", "CLEANUP_POLICIES_FILE", policies.toString()))
                .start());
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private long queryLong(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
