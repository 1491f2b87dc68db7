package io.pgcaretaker.email.delivery;

import io.pgcaretaker.database.RepeatedFailure;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.smtp.SmtpServers;
import io.pgcaretaker.email.smtp.Transport;
import io.pgcaretaker.startup.DatabaseGate;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One thread with one connection: sleeps until woken, then works until the queue is empty. */
final class DeliveryWorker implements Runnable {

    private static final Logger LOG = Logger.getLogger(DeliveryWorker.class);

    /** How long mail to a domain waits whose server holds up others of its mails. */
    private static final Duration JAM_PAUSE = Duration.ofSeconds(5);

    private final String name;
    private final Tools tools;
    /** One for each server, in their order. */
    private final List<? extends Transport> transports;

    private final BooleanSupplier needed;
    private final Bookkeeping books;
    private final Queue<Claimed> rest = new ConcurrentLinkedQueue<>();
    private final Queue<Claimed> jammed = new ConcurrentLinkedQueue<>();

    /** What all workers of a process share. */
    record Tools(
            ClaimRepository claims,
            OutcomeRepository outcomes,
            Delivery delivery,
            DeliveryMetrics metrics,
            OutcomeSignal signal,
            SmtpServers servers,
            Congestion congestion,
            LargeMails large,
            Pace pace,
            Pacing pacing,
            WakeUp wakeUp,
            Polling polling,
            DatabaseGate gate,
            RepeatedFailure failure,
            EmailConfig.Delivery config) {}

    /** Works as long as it is needed. */
    DeliveryWorker(String name, Tools tools, List<? extends Transport> transports, BooleanSupplier needed) {
        this.name = name;
        this.tools = tools;
        this.transports = List.copyOf(transports);
        this.needed = needed;
        this.books = new Bookkeeping(tools.outcomes(), tools.metrics(), tools.signal());
    }

    @Override
    public void run() {
        try {
            while (needed.getAsBoolean()) {
                if (tools.wakeUp().await()) {
                    drain();
                }
            }
        } catch (InterruptedException e) {
            // Told to stop in the middle of a mail: its outcome is found unknown by whoever claims it next.
            Thread.currentThread().interrupt();
        } finally {
            transports.forEach(Transport::close);
        }
    }

    private void drain() throws InterruptedException {
        try {
            boolean more = true;
            while (more && needed.getAsBoolean() && tools.gate().isOpen()) {
                more = batch();
                tools.failure().isOver();
            }
        } catch (SQLException e) {
            // The lease ends by itself, so nothing is lost; the next tick tries again.
            tools.failure().happened(e);
        } catch (RuntimeException e) {
            LOG.errorf(e, "batch given up, its mails wait for their lease to end worker=%s", name);
        }
    }

    /** Returns true when there may be more. */
    private boolean batch() throws SQLException, InterruptedException {
        Optional<SmtpServers.Passage> passage = tools.servers().enter();
        if (passage.isEmpty()) {
            return false;
        }
        SmtpServers.Server server = passage.get().server();
        boolean probe = passage.get().isProbe();
        try {
            List<Claimed> claimed = tools.pace()
                    .take(() -> tools.claims().claim(name, tools.config().lease(), probe));
            tools.polling().found(claimed.size());
            if (claimed.size() == ClaimRepository.BATCH) {
                tools.wakeUp().signal();
            }
            return !claimed.isEmpty() && work(claimed, server);
        } finally {
            if (probe) {
                server.circuit().unused();
            }
        }
    }

    /** Returns false when there is no way out or the service stops, so that what was claimed had better wait. */
    private boolean work(List<Claimed> claimed, SmtpServers.Server server) throws SQLException, InterruptedException {
        rest.addAll(claimed);
        boolean goOn = true;
        try {
            pace(claimed);
            for (Claimed next = next(); goOn && next != null; next = goOn ? next() : null) {
                if (mayBegin(next)) {
                    goOn = deliver(next, server);
                } else {
                    jammed.add(next);
                }
            }
        } finally {
            books.write();
            giveBack(goOn ? Duration.ZERO : tools.servers().pauseLeft());
        }
        return (goOn || !tools.servers().isClosed()) && needed.getAsBoolean();
    }

    private void pace(List<Claimed> claimed) throws SQLException {
        List<Pacing.Paced> paced = tools.pacing().paced(claimed);
        tools.claims().pace(paced);
        paced.forEach(one -> rest.remove(one.claimed()));
    }

    /** The next one that there is time for: a whole attempt fits into what is left of its lease. */
    private @Nullable Claimed next() {
        Claimed next = rest.peek();
        if (next == null
                || !needed.getAsBoolean()
                || next.leaseEnds() - System.nanoTime()
                        <= tools.config().sendDeadline().toNanos()) {
            return null;
        }
        return rest.poll();
    }

    private boolean mayBegin(Claimed next) {
        if (!tools.large().maySend(next)) {
            return false;
        }
        if (tools.congestion().begins(name, domain(next))) {
            return true;
        }
        tools.large().sent(next);
        return false;
    }

    /** Returns false when the transport is at fault. */
    private boolean deliver(Claimed claimed, SmtpServers.Server server) throws SQLException, InterruptedException {
        Finish finish;
        try {
            finish = tools.delivery().deliver(claimed, transports.get(server.index()), server);
        } finally {
            tools.congestion().ends(name);
            tools.large().sent(claimed);
        }
        books.add(finish);
        return finish == null || finish.usesAttempt() || finish.isEnd();
    }

    private static String domain(Claimed claimed) {
        String recipient = claimed.mail().recipient();
        return recipient.substring(recipient.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
    }

    private void giveBack(Duration pause) throws SQLException {
        tools.claims().releaseJammed(all(jammed), JAM_PAUSE);
        tools.claims().release(all(rest), pause);
    }

    private static List<Claimed> all(Queue<Claimed> queue) {
        List<Claimed> all = new ArrayList<>();
        for (Claimed next = queue.poll(); next != null; next = queue.poll()) {
            all.add(next);
        }
        return all;
    }

    /** Called by others while this worker is held up by a slow server: what it has beside that mail goes on without it. */
    void relieve() {
        if (!tools.congestion().isSlow(name)) {
            return;
        }
        try {
            books.write();
            giveBack(Duration.ZERO);
        } catch (SQLException e) {
            LOG.warnf("a slow worker's mails cannot be given back, they wait for their lease cause=%s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
