package io.pgcaretaker.email.delivery;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Lets mails gather between two claims of a process: a claim costs the same for one mail and for many. The first mail after
 * a quiet moment does not wait, nor does anybody while claims are full.
 */
final class Pace {

    private static final Duration GAP = Duration.ofMillis(10);

    private long next = System.nanoTime();

    /** One claim. */
    interface Claim {
        List<Claimed> take() throws SQLException;
    }

    /** One worker at a time: the others would find what it leaves. */
    synchronized List<Claimed> take(Claim claim) throws SQLException, InterruptedException {
        long left = next - System.nanoTime();
        if (left > 0) {
            TimeUnit.NANOSECONDS.sleep(left);
        }
        List<Claimed> claimed = claim.take();
        next = System.nanoTime() + (claimed.size() == ClaimRepository.BATCH ? 0 : GAP.toNanos());
        return claimed;
    }
}
