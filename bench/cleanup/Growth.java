package cleanup;

import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a table's growth changes, and a snapshot that somebody holds open. */
public final class Growth {

    private final Bench bench;

    public Growth(Bench bench) {
        this.bench = bench;
    }

    public void bySize() throws Exception {
        int[] sizes = bench.quick() ? new int[] {200_000, 1_000_000} : new int[] {1_000_000, 5_000_000, 25_000_000};
        bench.report().say("%ngrowth, half expired and scattered");
        bench.report().say("%-22s %10s %12s %14s", "rows", "gone", "rows/s", "us a row");
        Map<Integer, Result> results = new LinkedHashMap<>();
        for (int size : sizes) {
            bench.databases().make("base", size, 50, Order.SCATTERED);
            Result single = bench.databases().onCopy(database -> {
                bench.databases().settle();
                return bench.databases().timed(database, Databases.SINGLE, false);
            });
            bench.report().say("%-22s %10d %12.0f %14.2f", size + " single", single.rows(), single.rate(), 1e6 / single.rate());
            Result result = bench.databases().onCopy(database -> bench.service().run(database, MeasuredService.WARM_UPS, "delete"));
            results.put(size, result);
            bench.report().say("%-22d %10d %12.0f %14.2f", size, result.rows(), result.rate(), 1e6 / result.rate());
            bench.databases().drop("base");
        }
        bench.report().atMost("cleanup-growth-time-per-row", results.get(sizes[0]).rate() / results.get(sizes[sizes.length - 1]).rate(), 1.25);
    }

    public void withSnapshotHeld() throws Exception {
        int size = bench.quick() ? 1_000_000 : 5_000_000;
        bench.databases().make("base", size, 50, Order.SCATTERED);
        bench.report().say("%na snapshot held open by somebody, %d rows, half expired and scattered", size);
        bench.report().say("%-22s %10s %12s %14s", "", "gone", "rows/s", "us a row");
        List<Result> frees = new ArrayList<>();
        List<Result> helds = new ArrayList<>();
        for (int i = 0; i < bench.turns(); i++) {
            frees.add(bench.databases().onCopy(database -> bench.service().run(database, MeasuredService.WARM_UPS, "delete")));
            helds.add(bench.databases().onCopy(this::withSnapshot));
        }
        Result free = Result.median(frees);
        bench.report().say("%-22s %10d %12.0f %14.2f", "none", free.rows(), free.rate(), 1e6 / free.rate());
        Result held = Result.median(helds);
        bench.report().say("%-22s %10d %12.0f %14.2f", "held", held.rows(), held.rate(), 1e6 / held.rate());
        bench.databases().drop("base");
        bench.report().atLeast("cleanup-with-snapshot-held", held.rate() / free.rate(), 0.8);
    }

    private Result withSnapshot(String database) throws Exception {
        try (Connection holder = bench.databases().stack().connectTo(database);
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            holder.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.executeQuery("select count(*) from pg_class").close();
            return bench.service().run(database, MeasuredService.WARM_UPS, "delete");
        }
    }
}
