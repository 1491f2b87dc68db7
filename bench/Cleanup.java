import cleanup.Bench;
import cleanup.Databases;
import cleanup.Growth;
import cleanup.MeasuredService;
import cleanup.Order;
import cleanup.Planning;
import cleanup.Politeness;
import cleanup.Speed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import support.Machine;
import support.Report;
import support.Stack;
import support.Usage;

/**
 * What clean-up costs: rows a second beside one single delete and beside the usual loop of batches, on copies of one
 * database; what a running pgbench feels of it; what a table's growth and a held snapshot change.
 */
public class Cleanup {

    private static final List<String> PARTS = List.of("half", "few", "speed", "polite", "growth", "held", "plan");

    public static void main(String... arguments) throws Exception {
        java.util.logging.LogManager.getLogManager().reset();
        new Usage(
                        "cleanup",
                        List.of("--quick", "--statements=FILE"),
                        Stream.concat(PARTS.stream(), Arrays.stream(Order.values()).map(Order::word))
                                .toList())
                .check(arguments);
        List<String> parts = Arrays.stream(arguments).filter(a -> !a.startsWith("--")).toList();
        Stack stack = Stack.start();
        Databases databases = new Databases(stack);
        Bench bench = new Bench(
                Arrays.asList(arguments).contains("--quick"), databases, new MeasuredService(databases), new Report());
        Optional<Path> statements = Arrays.stream(arguments)
                .filter(argument -> argument.startsWith("--statements="))
                .map(argument -> Path.of(argument.substring("--statements=".length())).toAbsolutePath())
                .findFirst();
        if (statements.isPresent()) {
            databases.execute("postgres", "alter system set log_min_duration_statement = 0");
        }
        measure(bench, parts);
        if (statements.isPresent()) {
            Files.copy(stack.log("postgres"), statements.get(), StandardCopyOption.REPLACE_EXISTING);
        }
        bench.report().end();
    }

    /** All parts, or those that are named; {@code speed} is {@code half} and {@code few}, an order is only that one. */
    private static void measure(Bench bench, List<String> named) throws Exception {
        List<String> parts = named.stream()
                .flatMap(name -> name.equals("speed") ? Stream.of("half", "few") : Stream.of(name))
                .toList();
        List<Order> orders =
                Arrays.stream(Order.values()).filter(order -> parts.contains(order.word())).toList();
        Databases databases = bench.databases();
        bench.report().say(
                "processors %d, load %.1f, PostgreSQL %s, heap of the service 64 MB",
                Runtime.getRuntime().availableProcessors(),
                Machine.load(),
                databases.queryText("postgres", "show server_version"));
        for (String setting : List.of("max_wal_size = '8GB'", "checkpoint_timeout = '30min'", "autovacuum = off")) {
            databases.execute("postgres", "alter system set " + setting);
        }
        databases.execute("postgres", "select pg_reload_conf()");
        boolean all = PARTS.stream().noneMatch(parts::contains);
        if (all || parts.contains("half")) {
            new Speed(bench).measure(50, orders, "cleanup-half-of-single", 0.95);
        }
        if (all || parts.contains("few")) {
            new Speed(bench).measure(2, orders, "cleanup-two-percent-of-single", 0.8);
        }
        if (all || parts.contains("polite")) {
            new Politeness(bench).measure();
        }
        if (all || parts.contains("growth")) {
            new Growth(bench).bySize();
        }
        if (all || parts.contains("held")) {
            new Growth(bench).withSnapshotHeld();
        }
        if (all || parts.contains("plan")) {
            new Planning(bench).measure();
        }
    }
}
