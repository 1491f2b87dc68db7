package io.pgcaretaker.cleanup.run;

import java.time.Duration;

/** How many rows the next batch takes, so that a batch lasts about as long as it should. Starts small. */
final class BatchSize {

    /** Small enough not to hurt anybody before the first measurement. */
    private static final int FIRST = 100;

    private static final int MOST = 5_000;

    /** Below this a batch's time is its round trips, and a smaller one would only mean more of them. */
    private static final int FLOOR = 50;

    /** Weight of the newest measurement; the same as GitLab's batch optimizer. */
    private static final double WEIGHT = 0.4;

    /** Growth is slow, except far below the target, where the start would take for ever. */
    private static final double GROWTH = 1.2;

    private static final double EARLY_GROWTH = 2;

    private final double targetMillis;
    private int rows;
    private double millisPerRow;

    BatchSize(Duration target, int remembered) {
        this.targetMillis = target.toMillis();
        this.rows = remembered > 0 ? Math.min(remembered, FIRST) : FIRST;
    }

    int rows() {
        return rows;
    }

    void measured(int deleted, Duration took) {
        if (deleted == 0) {
            return;
        }
        double now = Math.max(took.toNanos() / 1e6, 0.01) / deleted;
        millisPerRow = millisPerRow == 0 ? now : WEIGHT * now + (1 - WEIGHT) * millisPerRow;
        double fits = targetMillis / millisPerRow;
        double growth = fits > rows * 4.0 ? EARLY_GROWTH : GROWTH;
        double grown = Math.ceil(rows * growth);
        rows = (int) Math.min(MOST, Math.max(Math.min(FLOOR, grown), Math.min(fits, grown)));
    }

    /** After a timeout: half, down to one. */
    void halve() {
        rows = Math.max(1, rows / 2);
    }

    boolean isSmallest() {
        return rows == 1;
    }
}
