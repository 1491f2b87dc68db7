package io.pgcaretaker.problem;

import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Whoever waits for a body holds a worker, of which there are 200. One caller's slow bodies held all of them, so that nobody
 * else was answered, not even a probe.
 */
@Singleton
class BodiesUnderWay {

    /** Of one caller; with those that wait to be read still far from all workers. */
    static final int READ = 96;

    private static final int WAITING = 48;

    /** A body that is here already is handed over long before. */
    private static final long PATIENCE_MILLIS = 250;

    private final Map<String, Semaphore> byCaller = new ConcurrentHashMap<>();

    /** False when so many of the caller's are under way that this one is not read; after true comes {@link #end}. */
    boolean begin(String caller) {
        Semaphore places = byCaller.computeIfAbsent(caller, name -> new Semaphore(READ));
        try {
            return places.tryAcquire()
                    || (places.getQueueLength() < WAITING && places.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void end(String caller) {
        Semaphore places = byCaller.get(caller);
        if (places != null) {
            places.release();
        }
    }
}
