package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.plan.Deletes;
import java.time.Duration;

/**
 * How many dependents of one row go in one transaction, so that it lasts about as long as a batch should. What did not come to
 * its end, such as by its deadline, is tried again with fewer.
 */
final class PartSize {

    /** Not to hurt anybody before the first measurement. */
    private static final int FIRST = 2_500;

    /** Below it a transaction's time is its round trips. */
    private static final int FLOOR = 50;

    private static final double GROWTH = 1.5;

    /** At the floor before a batch is given up. */
    private static final double SHRINKING = 4;

    /**
     * What goes in one transaction.
     *
     * @param rows of one dependent table, at most
     * @param again the last one did not come to its end: what PostgreSQL would do at once is done in parts too
     */
    record Part(int rows, boolean again) {
        /** Of several rows. */
        static final Part USUAL = new Part(Deletes.MOST_DEPENDENTS, false);
    }

    private final double targetMillis;
    private int rows = FIRST;
    private boolean begun;
    private boolean again;

    PartSize(Duration target) {
        this.targetMillis = target.toMillis();
    }

    /** For the part that begins now. */
    Part begin() {
        if (begun) {
            again = true;
            sized(rows / SHRINKING);
        }
        begun = true;
        return new Part(rows, again);
    }

    /** @param whole nothing of the row is left, and the next one is another */
    void ended(Duration took, boolean whole) {
        begun = false;
        again = again && !whole;
        double fits = targetMillis / Math.max(took.toNanos() / 1e6, 0.01);
        sized(rows * Math.min(GROWTH, fits));
    }

    private void sized(double wanted) {
        rows = (int) Math.max(FLOOR, Math.min(Deletes.MOST_DEPENDENTS, wanted));
    }
}
