package io.pgcaretaker.email.delivery;

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

    /** What all workers of a process share. */
    record Tools(
            QueueRepository queue,
            Delivery delivery,
            Circuit circuit,
            WakeUp wakeUp,
            DatabaseGate gate,
            Duration lease) {}

    DeliveryWorker(String name, Tools tools, Transport transport, AtomicBoolean stopping) {
        this.name = name;
        this.tools = tools;
        this.transport = transport;
        this.stopping = stopping;
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
            List<Claimed> claimed = tools.queue().claim(name, tools.lease(), probe);
            if (claimed.size() == QueueRepository.BATCH) {
                tools.wakeUp().signal();
            }
            return work(claimed) && !claimed.isEmpty();
        } finally {
            if (probe) {
                tools.circuit().unused();
            }
        }
    }

    private boolean work(List<Claimed> claimed) throws SQLException, InterruptedException {
        for (int i = 0; i < claimed.size(); i++) {
            if (stopping.get()) {
                tools.queue().release(claimed.subList(i, claimed.size()), Duration.ZERO);
                return false;
            }
            if (!tools.delivery().deliver(claimed.get(i), transport)) {
                tools.queue()
                        .release(
                                claimed.subList(i + 1, claimed.size()),
                                tools.circuit().pauseLeft());
                return false;
            }
        }
        return true;
    }
}
