package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunRepository;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Renews a run's lease while its owner counts: that can take longer than the lease, and no batch renews it meanwhile. Without
 * it replicas would take the run from each other, and each would count anew, for ever.
 */
final class Heartbeat {

    private static final Logger LOG = Logger.getLogger(Heartbeat.class);

    /** Two may be lost. */
    private static final int BEATS = 3;

    private final ScheduledExecutorService beats = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "cleanup-heartbeat");
        thread.setDaemon(true);
        return thread;
    });

    private final Transactions transactions;
    private final RunRepository runs;
    private final Duration lease;

    Heartbeat(Transactions transactions, RunRepository runs, Duration lease) {
        this.transactions = transactions;
        this.runs = runs;
        this.lease = lease;
    }

    <T> T during(Claimed run, Supplier<T> work) {
        long apart = lease.toMillis() / BEATS;
        Future<?> beating = beats.scheduleWithFixedDelay(() -> renew(run), apart, apart, TimeUnit.MILLISECONDS);
        try {
            return work.get();
        } finally {
            beating.cancel(false);
        }
    }

    /** Where the run is not ours any more, that changes nothing, and the next write finds it out. */
    private void renew(Claimed run) {
        try {
            transactions.run("cleanup.renew", session -> runs.renew(session, run, lease));
        } catch (DatabaseFailure e) {
            LOG.debugf(e, "lease not renewed policy=%s run=%s", run.policy(), run.id());
        }
    }
}
