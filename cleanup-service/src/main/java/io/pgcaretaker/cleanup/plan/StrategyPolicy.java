package io.pgcaretaker.cleanup.plan;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Chooses how a run goes through its table: by what it would read each way, in the planner's own units. */
public final class StrategyPolicy {

    /** The first version that reads a range of blocks without reading the whole table. */
    private static final int TID_RANGE_SCAN = 140_000;

    /** PostgreSQL's defaults: seq_page_cost, random_page_cost, cpu_tuple_cost + cpu_operator_cost. */
    private static final double PAGE = 1;

    private static final double RANDOM_PAGE = 4;
    private static final double ROW = 0.0125;

    /**
     * A row by its index: cpu_index_tuple_cost, cpu_tuple_cost and four comparisons, and the half of it again for finding
     * the window's end. Measured with half of a table in order of age: windows of blocks take 0.8 of the time.
     */
    private static final double INDEX_ROW = 0.05;

    private StrategyPolicy() {}

    /**
     * The table as it lies on disk.
     *
     * @param blocks of the table itself
     * @param rows of the whole table, as far as is known
     * @param correlation of the age column's order with the table's own, -1 to 1; absent: not analyzed yet
     * @param serverVersion such as 150004
     */
    public record Shape(long blocks, long rows, @Nullable Double correlation, int serverVersion) {}

    /** What was chosen and why, as an operator reads it. */
    public record Choice(Strategy strategy, String reason) {}

    /** Chooses for a policy. */
    public static Choice choose(ArmedPolicy armed, Shape shape, long matched) {
        return armed.byBlocks()
                ? choose(shape, matched, armed.goesByKey())
                : new Choice(
                        Strategy.KEYSET,
                        "a partition is not there for this role by itself (its own grants, rules or row-level security), so"
                                + " rows are found through the whole table");
    }

    /**
     * Chooses.
     *
     * @param matched rows that would go
     * @param byKey other tables have rows that must go first, or the rows' keys are remembered
     */
    public static Choice choose(Shape shape, long matched, boolean byKey) {
        if (byKey) {
            return new Choice(
                    Strategy.KEYSET, "rows of other tables go first, so a batch is counted in rows of this one");
        }
        if (shape.serverVersion() < TID_RANGE_SCAN) {
            return new Choice(
                    Strategy.KEYSET,
                    "PostgreSQL " + shape.serverVersion() / 10_000
                            + " cannot read a range of blocks without reading the whole table; 14 and later can");
        }
        double wholeTable = shape.blocks() * PAGE + shape.rows() * ROW;
        double byIndex = byIndex(shape, matched);
        return new Choice(
                wholeTable <= byIndex ? Strategy.BLOCK_RANGES : Strategy.KEYSET,
                String.format(
                        Locale.ROOT,
                        "%d of %d rows in %d blocks: reading every block once costs %.0f, finding the rows by their index %.0f%s",
                        matched,
                        shape.rows(),
                        shape.blocks(),
                        wholeTable,
                        byIndex,
                        shape.correlation() == null
                                ? " (not analyzed, taken as scattered)"
                                : String.format(Locale.ROOT, " (correlation %.2f)", shape.correlation())));
    }

    /** As the planner does it: between one page a row and rows side by side, by the square of the correlation. */
    private static double byIndex(Shape shape, long matched) {
        double together = shape.correlation() == null ? 0 : shape.correlation() * shape.correlation();
        double sideBySide = (double) matched / Math.max(1, shape.rows()) * shape.blocks() * PAGE;
        double scattered = (double) matched * RANDOM_PAGE;
        return together * sideBySide + (1 - together) * scattered + matched * INDEX_ROW;
    }
}
