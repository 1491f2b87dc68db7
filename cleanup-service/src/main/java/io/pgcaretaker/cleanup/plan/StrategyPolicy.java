package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.cleanup.statement.ArmedPolicy;
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

    /** Of age and place: below it, rows between the oldest and the newest are mostly others. */
    private static final double ORDERED = 0.9;

    private StrategyPolicy() {}

    /**
     * The table as it lies on disk.
     *
     * @param blocks of the table itself
     * @param rows of the whole table, as far as is known
     * @param correlation of the age column's order with the table's own, -1 to 1; absent: not analyzed yet
     * @param serverVersion such as 150004
     * @param ends where the oldest and the newest expired row lie; absent: not looked for
     */
    public record Shape(
            long blocks,
            long rows,
            @Nullable Double correlation,
            int serverVersion,
            @Nullable Blocks ends) {
        /** Whether rows lie about as they are old, so that those that go have few others between them. */
        boolean isOrdered() {
            return correlation != null && Math.abs(correlation) >= ORDERED && serverVersion >= TID_RANGE_SCAN;
        }

        Shape withEnds(Blocks found) {
            return new Shape(blocks, rows, correlation, serverVersion, found);
        }

        private Blocks all() {
            return new Blocks(0, blocks);
        }

        private double reading(Blocks part) {
            return part.count() * (PAGE + ROW * rows / Math.max(1, blocks));
        }
    }

    /** A part of a table, from one block up to but without another. */
    public record Blocks(long from, long to) {
        long count() {
            return to - from;
        }
    }

    /**
     * What was chosen and why, as an operator reads it.
     *
     * @param blocks to go through, with block ranges
     */
    public record Choice(
            Strategy strategy, String reason, @Nullable Blocks blocks) {
        Choice(Strategy strategy, String reason) {
            this(strategy, reason, null);
        }
    }

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
        Blocks blocks = shape.ends() == null ? shape.all() : shape.ends();
        double byBlocks = shape.reading(blocks);
        double byIndex = byIndex(shape, matched);
        String reason = String.format(
                Locale.ROOT,
                "%d of %d rows in %d blocks: reading %s once costs %.0f, finding the rows by their index %.0f%s",
                matched,
                shape.rows(),
                shape.blocks(),
                blocks.equals(shape.all())
                        ? "every block"
                        : "the " + blocks.count() + " from the oldest to the newest of them",
                byBlocks,
                byIndex,
                shape.correlation() == null
                        ? " (not analyzed, taken as scattered)"
                        : String.format(Locale.ROOT, " (correlation %.2f)", shape.correlation()));
        return byBlocks <= byIndex
                ? new Choice(Strategy.BLOCK_RANGES, reason, blocks)
                : new Choice(Strategy.KEYSET, reason);
    }

    /** As the planner does it: between one page a row and rows side by side, by the square of the correlation. */
    private static double byIndex(Shape shape, long matched) {
        double together = shape.correlation() == null ? 0 : shape.correlation() * shape.correlation();
        double sideBySide = (double) matched / Math.max(1, shape.rows()) * shape.blocks() * PAGE;
        double scattered = (double) matched * RANDOM_PAGE;
        return together * sideBySide + (1 - together) * scattered + matched * INDEX_ROW;
    }
}
