package io.pgcaretaker.monitoring.collect;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Cuts a connection that does not answer: a stopped server or a dropped network sends no error. */
final class Watchdog implements AutoCloseable {

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "caretaker-watchdog");
        thread.setDaemon(true);
        return thread;
    });

    /** Until it is closed, the session is cut when the time is over. */
    Guard guard(Session session, Duration time) {
        AtomicBoolean expired = new AtomicBoolean();
        ScheduledFuture<?> cut = timer.schedule(
                () -> {
                    expired.set(true);
                    session.abandon();
                },
                time.toMillis(),
                TimeUnit.MILLISECONDS);
        return new Guard(cut, expired);
    }

    /** Closing it calls the watchdog off. */
    record Guard(ScheduledFuture<?> cut, AtomicBoolean expiredFlag) implements AutoCloseable {
        boolean expired() {
            return expiredFlag.get();
        }

        @Override
        public void close() {
            cut.cancel(false);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
