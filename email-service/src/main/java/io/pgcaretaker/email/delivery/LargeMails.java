package io.pgcaretaker.email.delivery;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Large mails are taken, and sent, one at a time: as JSON, decoded, and encoded again one is in memory several times over, and
 * the heap is small.
 */
@ApplicationScoped
public class LargeMails {

    /** What many of may be in memory at once. */
    public static final long LARGE_BYTES = 1_048_576;

    /** Whoever waits holds a worker, and others are to be answered meanwhile. */
    private static final int MOST_WAITING = 32;

    private final Semaphore taking = new Semaphore(1, true);
    private final Semaphore sending = new Semaphore(1);

    /** False when it was not its turn in time, or many wait already. */
    public boolean beginTaking(long seconds) throws InterruptedException {
        return taking.getQueueLength() < MOST_WAITING && taking.tryAcquire(seconds, TimeUnit.SECONDS);
    }

    /** Whether anybody waits until the one that is taken is in. */
    public boolean isAwaited() {
        return taking.hasQueuedThreads();
    }

    public void endTaking() {
        taking.release();
    }

    /** False when it is large and another one is on its way; who gets true says when it was sent. */
    boolean maySend(Claimed claimed) {
        return !isLarge(claimed) || sending.tryAcquire();
    }

    void sent(Claimed claimed) {
        if (isLarge(claimed)) {
            sending.release();
        }
    }

    private static boolean isLarge(Claimed claimed) {
        return claimed.mail().attachmentBytes() >= LARGE_BYTES;
    }
}
