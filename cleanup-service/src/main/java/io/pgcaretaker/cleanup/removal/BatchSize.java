package io.pgcaretaker.cleanup.removal;

import java.time.Duration;

/** How much the next batch looks at, so that it lasts about as long as it should. Starts small. */
public final class BatchSize {

    /**
     * Bounds, by what is counted.
     *
     * <p>First: small enough not to hurt anybody before the first measurement. Floor: below it a batch's time is its
     * round trips, and a smaller one would only mean more of them. Most: what a transaction takes at all.
     */
    public enum Range {
        /** Rows that are picked and go by their keys, with what depends on them. */
        PICKED(100, 50, 5_000),
        /** Rows that go by a range of keys. */
        ROWS(100, 50, 200_000),
        /** Blocks of 8 kB. */
        BLOCKS(8, 1, 16_384),
        /** The same, where the keys of their rows come along. */
        KEYED_BLOCKS(8, 1, 128);

        private final int first;
        private final int floor;
        private final int most;

        Range(int first, int floor, int most) {
            this.first = first;
            this.floor = floor;
            this.most = most;
        }

        public boolean isOfBlocks() {
            return this == BLOCKS || this == KEYED_BLOCKS;
        }
    }

    /** What a measurement still counts after another one; the newest has the weight of GitLab's batch optimizer, 0.4. */
    private static final double MEMORY = 0.6;

    /** Near the target growth is slow; far below it, the start would take for ever. */
    private static final double GROWTH = 1.2;

    private static final double MOST_GROWTH = 50;

    private static final int CHEAP_ROWS = 4;

    private final double targetMillis;
    private final Range range;
    private int units;

    /** Of the windows so far, the older ones less. A large window says more about a row's cost than a small one. */
    private double spentMillis;

    private double lookedAt;

    public BatchSize(Duration target, Range range) {
        this.targetMillis = target.toMillis();
        this.range = range;
        this.units = range.first;
    }

    public int units() {
        return units;
    }

    public Range range() {
        return range;
    }

    /**
     * Takes note of a batch.
     *
     * @param looked how large its window was
     * @param removal how long the window's own statements took, which grows with the window
     * @param took the whole transaction
     */
    public void measured(int looked, Duration removal, Duration took) {
        if (looked == 0) {
            return;
        }
        double millis = Math.max(removal.toNanos() / 1e6, 0.01);
        spentMillis = MEMORY * spentMillis + millis;
        lookedAt = MEMORY * lookedAt + looked;
        double fixed = Math.max(0, took.toNanos() / 1e6 - millis);
        double fits = Math.max(targetMillis - fixed, targetMillis / 2) / (spentMillis / lookedAt);
        double grown = Math.ceil(units * growth(millis));
        // Far below the target the time is round trips and not the rows: then it is not what a row costs.
        double wanted = millis < targetMillis / 2 ? grown : Math.min(fits, grown);
        units = (int) Math.round(Math.min(range.most, Math.max(Math.min(range.floor, grown), wanted)));
    }

    /**
     * The canary's rows, about as many as a block or two has, say nothing of what a block costs, but whether a row is dear, by a
     * trigger for one. Where it is not, a first window may be large enough to be a measurement.
     */
    public void rowsTook(Duration removal) {
        if (removal.toNanos() / 1e6 < targetMillis / 10) {
            units = range.first * CHEAP_ROWS;
        }
    }

    /**
     * A window so many times as large takes at most as many times as long: near the target at once where there was
     * something to measure, to half of it where there was little.
     */
    private double growth(double millis) {
        double share = millis < targetMillis / 10 ? 0.5 : 0.9;
        return Math.max(GROWTH, Math.min(MOST_GROWTH, targetMillis * share / millis));
    }

    /** After a timeout: half, down to one. */
    public void halve() {
        units = Math.max(1, units / 2);
    }

    public boolean isSmallest() {
        return units == 1;
    }
}
