package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.statement.Deletes;
import java.time.Duration;

/**
 * How many dependents go in one transaction, so that it lasts about as long as a batch should. Of one row they go in parts; one
 * that did not come to its end, such as by its deadline, is tried again with fewer. Several rows with more than that are tried
 * again as fewer rows.
 */
final class PartSize {

    /** Not to hurt anybody before the first measurement. */
    private static final int FIRST = 2_500;

    /** Of each dependent table, and there may be several, in a cold cache. */
    private static final int FIRST_OF_SEVERAL = 1_000;

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
    record Part(int rows, boolean again) {}

    /** A batch of rows may last somewhat longer than it should before it is worth giving up what was done of it. */
    private static final double TOLERANCE = 2;

    /** What a dear part counts after a cheap one. */
    private static final double MEMORY = 0.8;

    private final double targetMillis;
    private double rowMillis;
    private int rows = FIRST;
    private int ofSeveral = FIRST_OF_SEVERAL;
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
        // One part takes what is lowest, the next also what that hung on: the dearer one counts.
        rowMillis = Math.max(Math.max(took.toNanos() / 1e6, 0.01) / rows, rowMillis * MEMORY);
        sized(Math.min(rows * GROWTH, targetMillis / rowMillis));
    }

    /** For several rows at once. */
    Part several() {
        return new Part(ofSeveral, false);
    }

    /**
     * What several rows took, also when they were too many.
     *
     * @param most rows of the dependent table of which most went; few say nothing about many
     */
    void severalEnded(Duration took, long most) {
        if (most * 4 < ofSeveral) {
            return;
        }
        double fits = TOLERANCE * most * targetMillis / Math.max(took.toNanos() / 1e6, 0.01);
        ofSeveral = bounded(Math.min(fits, ofSeveral * GROWTH));
    }

    private void sized(double wanted) {
        rows = bounded(wanted);
    }

    private static int bounded(double wanted) {
        return (int) Math.round(Math.max(FLOOR, Math.min(Deletes.MOST_DEPENDENTS, wanted)));
    }
}
