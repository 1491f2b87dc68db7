package io.pgcaretaker.email.delivery;

import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.startup.DatabaseGate;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** One thread with one connection: sleeps until woken, then works until the queue is empty. */
final class DeliveryWorker implements Runnable {

    private static final Logger LOG = Logger.getLogger(DeliveryWorker.class);

    private final String name;
    private final Tools tools;
    private final Transport transport;
    private final AtomicBoolean stopping;
    private final Bookkeeping books;

    /** What all workers of a process share. */
    record Tools(
            ClaimRepository claims,
            OutcomeRepository outcomes,
            Delivery delivery,
            DeliveryMetrics metrics,
            Circuit circuit,
            WakeUp wakeUp,
            DatabaseGate gate,
            EmailConfig.Delivery config) {}

    DeliveryWorker(String name, Tools tools, Transport transport, AtomicBoolean stopping) {
        this.name = name;
        this.tools = tools;
        this.transport = transport;
        this.stopping = stopping;
        this.books = new Bookkeeping(tools.outcomes(), tools.metrics());
    }

    @Override
    public void run() {
        try (transport) {
            while (!stopping.get()) {
                tools.wakeUp().await();
                drain();
            }
        } catch (InterruptedException e) {
            // Told to stop in the middle of a mail: its outcome is found unknown by whoever claims it next.
            Thread.currentThread().interrupt();
        }
    }

    private void drain() throws InterruptedException {
        try {
            boolean more = true;
            while (more && !stopping.get() && tools.gate().isOpen()) {
                more = batch();
            }
        } catch (SQLException | RuntimeException e) {
            // The lease ends by itself, so nothing is lost; the next tick tries again.
            LOG.errorf(e, "batch given up, its mails wait for their lease to end worker=%s", name);
        }
    }

    /** Returns true when there may be more. */
    private boolean batch() throws SQLException, InterruptedException {
        Circuit.Admission admission = tools.circuit().enter();
        if (admission == Circuit.Admission.REFUSED) {
            return false;
        }
        boolean probe = admission == Circuit.Admission.PROBE;
        try {
            List<Claimed> claimed = tools.claims().claim(name, tools.config().lease(), probe);
            if (claimed.size() == ClaimRepository.BATCH) {
                tools.wakeUp().signal();
            }
            return work(claimed) && !claimed.isEmpty();
        } finally {
            if (probe) {
                tools.circuit().unused();
            }
        }
    }

    /** Returns false when the transport is at fault or the service stops, so that what was claimed had better wait. */
    private boolean work(List<Claimed> claimed) throws SQLException, InterruptedException {
        int next = 0;
        boolean goOn = true;
        try {
            while (goOn && next < claimed.size() && !stopping.get() && hasTime(claimed.get(next))) {
                Finish finish = tools.delivery().deliver(claimed.get(next++), transport);
                books.add(finish);
                goOn = finish == null || finish.usesAttempt() || finish.isEnd();
            }
        } finally {
            books.write();
            Duration pause = goOn ? Duration.ZERO : tools.circuit().pauseLeft();
            tools.claims().release(claimed.subList(next, claimed.size()), pause);
        }
        return goOn && next == claimed.size();
    }

    /** A whole attempt fits into what is left of the lease. */
    private boolean hasTime(Claimed claimed) {
        return claimed.leaseEnds() - System.nanoTime()
                > tools.config().sendDeadline().toNanos();
    }
}
