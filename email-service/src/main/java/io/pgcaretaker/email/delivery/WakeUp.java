package io.pgcaretaker.email.delivery;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Semaphore;

/** Tells a sleeping worker that there may be mail; calls in quick succession wake one. */
@ApplicationScoped
public class WakeUp {

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

    void await() throws InterruptedException {
        signals.acquire();
    }
}
