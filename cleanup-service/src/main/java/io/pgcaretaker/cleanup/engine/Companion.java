package io.pgcaretaker.cleanup.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * A worker's second thread, for what a run can do at the same time in a session of its own. It ends when it has had nothing
 * to do for a minute.
 */
final class Companion {

    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "cleanup-companion");
        thread.setDaemon(true);
        return thread;
    });

    void start(Runnable work) {
        threads.execute(work);
    }

    <T> CompletableFuture<T> begin(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, threads);
    }

    /** Waits for it; throws what it threw. */
    static <T> T join(CompletableFuture<T> work) {
        try {
            return work.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
