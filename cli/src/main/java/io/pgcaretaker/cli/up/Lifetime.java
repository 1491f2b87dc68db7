package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.local.CannotException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What was started, and its end in reverse order. A signal may come while things are still being started: then the
 * starting thread is interrupted and waited for, so that nothing is started behind the back of the stopping.
 */
final class Lifetime {

    /** Longer than the longest step that cannot be interrupted: PostgreSQL's start after a crash. */
    private static final int LAST_STEP_SECONDS = 70;

    interface Ending {
        void end() throws Exception;
    }

    private final Thread starter;
    private final Screen screen;
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Deque<Ending> endings = new ArrayDeque<>();
    private boolean closing;

    Lifetime(Thread starter, Screen screen) {
        this.starter = starter;
        this.screen = screen;
    }

    /** To be called before what it ends is started, so that no crash in between leaves it behind. */
    synchronized void onEnd(Ending ending) {
        if (closing) {
            throw new CannotException("interrupted");
        }
        endings.push(ending);
    }

    synchronized boolean isClosing() {
        return closing;
    }

    /** The starting thread has started all it will. */
    void startingIsOver() {
        started.countDown();
    }

    /** Ends everything once; a second caller waits for the first. */
    void close() {
        if (!becomeClosing()) {
            awaitQuietly(ended);
            return;
        }
        if (Thread.currentThread() != starter && started.getCount() > 0) {
            starter.interrupt();
            awaitQuietly(started);
        }
        for (Ending ending : endings) {
            try {
                ending.end();
            } catch (Exception e) {
                screen.say("while stopping: " + e.getMessage());
            }
        }
        ended.countDown();
    }

    private synchronized boolean becomeClosing() {
        boolean first = !closing;
        closing = true;
        return first;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            if (!latch.await(LAST_STEP_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
