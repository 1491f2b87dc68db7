import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import monitoring.Tables;
import monitoring.Targets;
import monitoring.Watched;
import support.Machine;
import support.Report;
import support.Stack;
import support.Usage;

/**
 * What monitoring costs: scrapes as a scraper sees them, the database's own account of its time, the memory of the backends and
 * of the process, and the series.
 */
public class Monitoring {

    /** {@code [--quick] [--each] [tables|tables=1000|tables=100,1000] [targets]}. */
    public static void main(String... arguments) throws Exception {
        new Usage("monitoring", List.of("--quick", "--each"), List.of("tables", "tables=SIZES", "targets"))
                .check(arguments);
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
        // As long as the slowest pace, so that every collector has looked at its own pace; --quick leaves the slow ones out.
        Duration watched = Duration.ofSeconds(quick ? 61 : 301);
        Watched database = new Watched(Stack.start());
        Report report = new Report();
        report.say("load %.1f when it began (figures mean something on a quiet machine only)%n", Machine.load());
        if (parts.isEmpty() || parts.contains("tables")) {
            new Tables(database, report, new Tables.Extent(quick, each, watched)).measure(sizes);
        }
        if (parts.isEmpty() || parts.contains("targets")) {
            new Targets(database, report, watched).measure();
        }
        report.end();
    }
}
