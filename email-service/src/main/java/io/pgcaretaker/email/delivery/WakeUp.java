package io.pgcaretaker.email.delivery;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Tells a sleeping worker that there may be mail; calls in quick succession wake one. */
@ApplicationScoped
public class WakeUp {

    private static final int LONGEST_SLEEP_SECONDS = 5;

    private final Semaphore signals = new Semaphore(0);

    /** Wakes one worker; it wakes the next when it finds more than it can carry. */
    public void signal() {
        if (signals.availablePermits() == 0) {
            signals.release();
        }
    }

    void wakeAll(int workers) {
        signals.release(workers);
    }

    /** Comes back now and then without a signal, so that a worker can see whether it is needed. */
    boolean await() throws InterruptedException {
        return signals.tryAcquire(LONGEST_SLEEP_SECONDS, TimeUnit.SECONDS);
    }
}
