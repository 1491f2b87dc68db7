package io.pgcaretaker.cleanup.run;

import java.time.Duration;

/** How much the next batch looks at, so that it lasts about as long as it should. Starts small. */
final class BatchSize {

    /**
     * Bounds, by what is counted.
     *
     * <p>First: small enough not to hurt anybody before the first measurement. Floor: below it a batch's time is its
     * round trips, and a smaller one would only mean more of them. Most: what a transaction takes at all.
     */
    enum Range {
        /** Rows that are picked and go by their keys, with what depends on them. */
        PICKED(100, 50, 5_000),
        /** Rows that go by a range of keys. */
        ROWS(100, 50, 200_000),
        /** Blocks of 8 kB. */
        BLOCKS(4, 1, 16_384);

        private final int first;
        private final int floor;
        private final int most;

        Range(int first, int floor, int most) {
            this.first = first;
            this.floor = floor;
            this.most = most;
        }
    }

    /** Weight of the newest measurement; the same as GitLab's batch optimizer. */
    private static final double WEIGHT = 0.4;

    /** Near the target growth is slow; far below it, the start would take for ever. */
    private static final double GROWTH = 1.2;

    private static final double MOST_GROWTH = 16;

    private final double targetMillis;
    private final Range range;
    private int units;
    private double millisPerUnit;

    BatchSize(Duration target, Range range) {
        this.targetMillis = target.toMillis();
        this.range = range;
        this.units = range.first;
    }

    int units() {
        return units;
    }

    Range range() {
        return range;
    }

    void measured(int looked, Duration took) {
        if (looked == 0) {
            return;
        }
        double millis = Math.max(took.toNanos() / 1e6, 0.01);
        double now = millis / looked;
        millisPerUnit = millisPerUnit == 0 ? now : WEIGHT * now + (1 - WEIGHT) * millisPerUnit;
        double fits = targetMillis / millisPerUnit;
        double grown = Math.ceil(units * growth(millis));
        // Far below the target the time is round trips and not the rows: then it is not what a row costs.
        double wanted = millis < targetMillis / 2 ? grown : Math.min(fits, grown);
        units = (int) Math.min(range.most, Math.max(Math.min(range.floor, grown), wanted));
    }

    /** A window so many times as large takes at most as many times as long: to half the target at once. */
    private double growth(double millis) {
        return Math.max(GROWTH, Math.min(MOST_GROWTH, targetMillis / 2 / millis));
    }

    /** After a timeout: half, down to one. */
    void halve() {
        units = Math.max(1, units / 2);
    }

    boolean isSmallest() {
        return units == 1;
    }
}
