package io.pgcaretaker.email.delivery;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets mails gather between two claims of a process while many come: a claim costs much the same for one mail and for many.
 * While few come nobody waits for company, nor does anybody while claims are full.
 */
final class Pace {

    private static final Duration GAP = Duration.ofMillis(25);

    /** So many within a window are many: 100 a second. */
    private static final int MANY = 10;

    private static final Duration WINDOW = Duration.ofMillis(100);

    private final LongSupplier nanos;
    private long next;
    private long windowBegins;
    private int inWindow;
    private boolean many;

    Pace(LongSupplier nanos) {
        this.nanos = nanos;
        this.next = nanos.getAsLong();
        this.windowBegins = next;
    }

    /** One claim. */
    interface Claim {
        List<Claimed> take() throws SQLException;
    }

    /** One worker at a time: the others would find what it leaves. */
    synchronized List<Claimed> take(Claim claim) throws SQLException, InterruptedException {
        long left = next - nanos.getAsLong();
        if (left > 0) {
            TimeUnit.NANOSECONDS.sleep(left);
        }
        List<Claimed> claimed = claim.take();
        next = nanos.getAsLong() + gapAfter(claimed.size()).toNanos();
        return claimed;
    }

    /** How long the next claim is put off. */
    Duration gapAfter(int claimed) {
        count(claimed);
        return many && claimed < ClaimRepository.BATCH ? GAP : Duration.ZERO;
    }

    private void count(int claimed) {
        long since = nanos.getAsLong() - windowBegins;
        if (since > WINDOW.toNanos()) {
            // What was counted long ago says nothing about now.
            many = since < 2 * WINDOW.toNanos() && inWindow >= MANY;
            windowBegins += since;
            inWindow = 0;
        }
        inWindow += claimed;
    }
}
