package cleanup;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import support.Report;
import support.ServiceProcess;

/** What four clients at 400 transactions a second feel of it. */
public final class Politeness {

    private static final String DATABASE = "run";

    private final Bench bench;
    private final Databases databases;
    private final Report report;
    private final int seconds;
    private final List<Double> rates = new ArrayList<>();

    public Politeness(Bench bench) {
        this.bench = bench;
        this.databases = bench.databases();
        this.report = bench.report();
        this.seconds = bench.quick() ? 45 : 75;
    }

    public void measure() throws Exception {
        Optional<Pgbench> found = Pgbench.find(databases.stack());
        if (found.isEmpty()) {
            report.say("%npgbench is not on this machine (PATH, /usr/lib/postgresql/*/bin): politeness is not measured");
            report.atMost("cleanup-polite-p99-ratio", Double.NaN, 1.1);
            return;
        }
        Pgbench pgbench = found.get();
        int rows = bench.quick() ? 1_000_000 : 2_000_000;
        databases.make("base", rows, 50, Order.SCATTERED);
        pgbench.initialize("base");
        report.say("%npgbench, 4 clients, 400 transactions a second, %d seconds; %d expired rows of %d", seconds, rows / 2, rows);
        report.say("%-22s %10s %10s %10s %12s", "", "p95 ms", "p99 ms", "max ms", "rows/s");
        felt(pgbench, "single delete", () -> Optional.of(databases.timed(DATABASE, Databases.SINGLE, false)));
        List<Double> ratios = new ArrayList<>();
        for (int turn = 0; turn < bench.turns(); turn++) {
            Pgbench.Latency idle = felt(pgbench, "idle", Optional::empty);
            ratios.add(ours(pgbench).p99() / idle.p99());
        }
        databases.drop("base");
        Collections.sort(ratios);
        Collections.sort(rates);
        report.atMost("cleanup-polite-p99-ratio", ratios.get(ratios.size() / 2), 1.1);
        report.atLeast("cleanup-polite-rows-per-second", rates.get(rates.size() / 2), 30_000);
    }

    private Pgbench.Latency ours(Pgbench pgbench) throws Exception {
        return databases.onCopy(database -> {
            try (ServiceProcess service =
                    bench.service().ready(database, MeasuredService.WARM_UPS, "PT0.003S", "delete", "9")) {
                // No checkpoint here: after it pgbench's own pages go to the log as a whole, which the idle one has behind it.
                Thread.sleep(Databases.SETTLED.toMillis());
                return told(
                        "Caretaker, polite",
                        pgbench.beside(database, seconds, () -> {
                            Result result = bench.service().released(database, service);
                            rates.add(result.rate());
                            return Optional.of(result);
                        }));
            }
        });
    }

    private Pgbench.Latency felt(Pgbench pgbench, String name, Callable<Optional<Result>> contender) throws Exception {
        return databases.onCopy(database -> told(name, pgbench.beside(database, seconds, contender)));
    }

    private Pgbench.Latency told(String name, Pgbench.Beside beside) {
        Pgbench.Latency latency = beside.latency();
        report.say(
                "%-22s %10.1f %10.1f %10.1f %12s",
                name,
                latency.p95(),
                latency.p99(),
                latency.max(),
                beside.result().map(result -> String.format(Locale.ROOT, "%.0f", result.rate())).orElse(""));
        if (beside.alone() > 0) {
            report.say("  its last %.0f seconds are beside no pgbench, which had ended", beside.alone());
        }
        return latency;
    }
}
