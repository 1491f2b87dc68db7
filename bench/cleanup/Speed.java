package cleanup;

import java.util.ArrayList;
import java.util.List;

/** Rows a second: the limit, the usual way, and ours. */
public final class Speed {

    private static final String LOOP =
            "delete from events where id = any(array(select id from events where at < now() - interval '30 days'"
                    + " order by at limit 5000))";

    private final Bench bench;

    public Speed(Bench bench) {
        this.bench = bench;
    }

    /** Of one order of rows, or of all. */
    public void measure(int percent, List<Order> orders, String goal, double target) throws Exception {
        // Two percent of less would be over before anything but a run's beginning and end were measured.
        int rows = bench.quick() && percent > 10 ? 1_000_000 : 5_000_000;
        bench.report().say("%nunthrottled, %d rows, three indexes; each contender on its own copy, after a checkpoint", rows);
        bench.report().say("%-40s %10s %12s %10s %10s %8s", "", "rows", "rows/s", "seconds", "longest ms", "of single");
        double ours = Double.MAX_VALUE;
        double archived = Double.MAX_VALUE;
        double longest = 0;
        for (Order order : orders.isEmpty() ? List.of(Order.values()) : orders) {
            bench.databases().make("base", rows, percent, order);
            String name = percent + " % " + order.word();
            List<Result> singles = new ArrayList<>();
            List<Result> deletions = new ArrayList<>();
            List<Result> archives = new ArrayList<>();
            for (int i = 0; i < bench.turns(); i++) {
                singles.add(bench.databases().onCopy(database -> settled(database, Databases.SINGLE, false)));
                deletions.add(bench.databases().onCopy(database -> bench.service().run(database, MeasuredService.WARM_UPS, "delete")));
                archives.add(bench.databases().onCopy(database -> bench.service().run(database, MeasuredService.WARM_UPS, "archive")));
            }
            Result single = Result.median(singles);
            line(name + " single delete", single, single);
            line(name + " batched loop", bench.databases().onCopy(database -> settled(database, LOOP, true)), single);
            line(name + " Caretaker, its first run", bench.databases().onCopy(database -> bench.service().run(database, 0, "delete")), single);
            Result deleted = Result.median(deletions);
            line(name + " Caretaker", deleted, single);
            Result kept = Result.median(archives);
            line(name + " Caretaker, archive", kept, single);
            ours = Math.min(ours, deleted.rate() / single.rate());
            archived = Math.min(archived, kept.rate() / single.rate());
            longest = Math.max(longest, Math.max(deleted.longestMillis(), kept.longestMillis()));
            bench.databases().drop("base");
        }
        bench.report().atLeast(goal, ours, target);
        bench.report().atLeast(goal + "-archived", archived, 0.5);
        bench.report().atMost("cleanup-longest-transaction-ms", longest, 250);
    }

    private Result settled(String database, String sql, boolean repeat) throws Exception {
        bench.databases().settle();
        return bench.databases().timed(database, sql, repeat);
    }

    private void line(String name, Result result, Result single) {
        bench.report().say(
                "%-40s %10d %12.0f %10.2f %10.0f %8.2f",
                name, result.rows(), result.rate(), result.seconds(), result.longestMillis(), result.rate() / single.rate());
    }
}
