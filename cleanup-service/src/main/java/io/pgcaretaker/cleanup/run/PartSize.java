package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.plan.Deletes;
import java.time.Duration;

/**
 * How many dependents of one row go in one transaction, so that it lasts about as long as a batch should. What did not come to
 * its end, such as by its deadline, is tried again with half of them.
 */
final class PartSize {

    /** Below it a transaction's time is its round trips. */
    private static final int FLOOR = 50;

    private static final double GROWTH = 1.5;

    private final double targetMillis;
    private int rows = Deletes.MOST_DEPENDENTS;
    private boolean begun;

    PartSize(Duration target) {
        this.targetMillis = target.toMillis();
    }

    /** For the part that begins now. */
    int begin() {
        if (begun) {
            sized(rows / 2.0);
        }
        begun = true;
        return rows;
    }

    void ended(Duration took) {
        begun = false;
        double fits = targetMillis / Math.max(took.toNanos() / 1e6, 0.01);
        sized(rows * Math.min(GROWTH, fits));
    }

    private void sized(double wanted) {
        rows = (int) Math.max(FLOOR, Math.min(Deletes.MOST_DEPENDENTS, wanted));
    }
}
