package io.pgcaretaker.email.intake;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Commits the mails of requests that come at the same time together: while one transaction syncs, the next one's mails
 * gather. A request alone does not wait for company.
 *
 * <p>What fails in company is tried alone by its own request, so that a mail with a fault, or a key that somebody else
 * holds, is nobody else's trouble.
 */
@ApplicationScoped
class GroupCommit {

    /** Enough to spread the cost of a commit thin; more would only make the first ones wait. */
    private static final int MOST_EMAILS = 64;

    private final IntakeRepository repository;
    private final BlockingQueue<Ticket> waiting = new LinkedBlockingQueue<>();
    private final Thread committer = new Thread(this::work, "mail-commit");

    GroupCommit(IntakeRepository repository) {
        this.repository = repository;
    }

    /** One mail of a request that waits for its commit; completed with false when it has to be tried alone. */
    record Ticket(NewEmail email, CompletableFuture<Boolean> committed) {}

    void onStart(@Observes StartupEvent event) {
        committer.setDaemon(true);
        committer.start();
    }

    /** Requests have been answered by now. */
    void onStop(@Observes ShutdownEvent event) {
        committer.interrupt();
    }

    /**
     * Comes back after the commit.
     *
     * @return false when it was not committed and has to be tried alone
     */
    boolean commit(NewEmail email) throws SQLException {
        Ticket ticket = new Ticket(email, new CompletableFuture<>());
        waiting.add(ticket);
        try {
            return ticket.committed().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            throw new IllegalStateException("mails cannot be committed together", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            // Without a state: an outage, to be repeated by the caller.
            throw new SQLException("interrupted before the commit", e);
        }
    }

    private void work() {
        List<Ticket> together = new ArrayList<>();
        try {
            while (true) {
                together.add(waiting.take());
                waiting.drainTo(together, MOST_EMAILS - 1);
                commit(together);
                together.clear();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void commit(List<Ticket> together) {
        try {
            repository.write(together.stream().map(Ticket::email).toList());
            together.forEach(ticket -> ticket.committed().complete(true));
        } catch (SQLException e) {
            if (Outage.is(e)) {
                together.forEach(ticket -> ticket.committed().completeExceptionally(e));
            } else {
                together.forEach(ticket -> ticket.committed().complete(false));
            }
        } catch (RuntimeException e) {
            together.forEach(ticket -> ticket.committed().completeExceptionally(e));
        }
    }
}
