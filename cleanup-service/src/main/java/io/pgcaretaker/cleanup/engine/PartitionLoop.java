package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.catalogue.Partition;
import io.pgcaretaker.cleanup.catalogue.PartitionRepository;
import io.pgcaretaker.cleanup.catalogue.PartitionRepository.Place;
import io.pgcaretaker.cleanup.catalogue.Partitioning;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.plan.PartitionCensus;
import io.pgcaretaker.cleanup.removal.PartitionDrop;
import io.pgcaretaker.cleanup.removal.PartitionDropRepository;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import io.pgcaretaker.cleanup.run.RunJson;
import io.pgcaretaker.cleanup.run.RunProgress;
import io.pgcaretaker.cleanup.run.RunState;
import io.pgcaretaker.cleanup.run.StopReason;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.PartitionStatements;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One run that drops whole partitions, one after the other: said first, detached without keeping anybody out, then looked
 * at to the last row and dropped with its ledger line. What a crash left in between is ended before anything else.
 */
final class PartitionLoop {

    private static final Logger LOG = Logger.getLogger(PartitionLoop.class);

    private static final int MOST_TRIES = 5;

    /** By so small a part of what is allowed, the count of large partitions may be wrong: it is PostgreSQL's own. */
    private static final int TOLERATED = 10;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

    private final Batches around;
    private final Claimed run;
    private final ArmedPolicy armed;
    private final Instant cutoff;
    private final PartitionCensus census;
    private final PartitionStatements statements;
    private final PartitionRepository partitions = new PartitionRepository();
    private final PartitionDropRepository takings = new PartitionDropRepository();
    private final RunProgress progress = new RunProgress();
    private final Brake brake;
    private final Turn turn;
    private final Set<Long> seen = new HashSet<>();
    private final List<String> left = new ArrayList<>();

    private long rowsLeft;
    private boolean failed;
    private @Nullable String beyond;
    private boolean over;
    private boolean released;

    PartitionLoop(Batches around, Entrance.Outcome.Entered entered) {
        this.around = around;
        this.run = entered.run();
        this.armed = entered.armed();
        this.cutoff = Objects.requireNonNull(run.cutoff());
        this.census = new PartitionCensus(around.transactions(), around.census());
        this.statements = new PartitionStatements(armed, cutoff);
        this.brake = new Brake(around);
        this.turn = new Turn(around, run);
    }

    Optional<End> run() {
        for (PartitionDropRepository.Taking begun :
                around.transactions().run("cleanup.partition-open", session -> takings.open(session, armed))) {
            if (mayGoOn()) {
                seen.add(begun.oid());
                resume(begun);
            }
        }
        Optional<Partition> next = next();
        while (next.isPresent() && mayGoOn()) {
            seen.add(next.get().oid());
            begin(next.get()).ifPresent(this::finish);
            next = next();
        }
        if (beyond != null) {
            around.metrics().breakerTripped(run.policy(), StopReason.BREAKER_ROWS.wireName());
            return Optional.of(End.of(RunState.NEEDS_APPROVAL, StopReason.BREAKER_ROWS, beyond));
        }
        boolean done = !over && next.isEmpty();
        if (!done && (!over || released)) {
            around.transactions().run("cleanup.leave", session -> {
                around.runs().release(session, run);
                if (released) {
                    // Without an owner, and it says why.
                    progress.throttled(session, run, "kill-switch", Duration.ZERO, Duration.ofMillis(-1));
                }
                return true;
            });
        }
        return done ? Optional.of(end()) : Optional.empty();
    }

    /** One that was restored from a dump after it was detached has another oid: nobody knows that it is the same. */
    private void resume(PartitionDropRepository.Taking begun) {
        Place place = around.transactions()
                .run(
                        "cleanup.partition-place",
                        session -> partitions.place(session, armed.table().oid(), begun.oid(), begun.partition()));
        if (place == Place.REPLACED) {
            left.add(begun.partition()
                    + " was detached to be dropped, and the table of that name is another one now, as after a"
                    + " dump was restored: nobody sees its rows through "
                    + armed.table().name()
                    + ", and it stays; put it back ("
                    + PartitionRepository.attach(armed.table().name(), begun.partition(), begun.bound())
                    + "), or drop it");
        } else {
            finish(begun);
        }
    }

    /** Read anew each time: partitions come and go while this works. */
    private Optional<Partition> next() {
        if (over) {
            return Optional.empty();
        }
        List<Partition> all = census.partitions(armed, cutoff);
        Optional<Partition> pending = all.stream().filter(Partition::pending).findFirst();
        if (pending.isPresent()) {
            // PostgreSQL begins no other detach before this one is finished.
            if (!seen.contains(pending.get().oid())) {
                left.add("somebody else has begun to detach " + pending.get().name() + "; finish it first");
            }
            return Optional.empty();
        }
        return all.stream()
                .filter(PartitionCensus::isReady)
                .filter(partition -> !seen.contains(partition.oid()))
                .findFirst();
    }

    private boolean mayGoOn() {
        over = over || WindowGate.defers(around, run, armed.policy().pace().window()) || turn.isOver();
        if (over || around.stop().isSet()) {
            return false;
        }
        // Paused, or given back, while it rested: nothing is detached any more.
        over = brake.hold(run, armed.table().oid()) && !isOurs();
        return !over && !around.stop().isSet();
    }

    private boolean isOurs() {
        return around.transactions()
                .run(
                        "cleanup.renew",
                        session -> around.runs()
                                .renew(session, run, around.config().lease()));
    }

    private Optional<PartitionDropRepository.Taking> begin(Partition partition) {
        long rows = census.rows(partition);
        return around.transactions().run("cleanup.partition-take", session -> {
            Optional<Claimed.Position> fence = around.runs().lock(session, run, armed);
            if (isToStop(fence)) {
                return Optional.<PartitionDropRepository.Taking>empty();
            }
            if (isBeyond(Batch.gone(armed, RunJson.counts(fence.orElseThrow().tables())), partition, rows)) {
                over = true;
                return Optional.<PartitionDropRepository.Taking>empty();
            }
            if (session.first(statements.held(partition.name()), row -> true).isPresent()) {
                left.add(partition.name() + " holds rows under a legal hold, and stays");
                return Optional.<PartitionDropRepository.Taking>empty();
            }
            return takings.begin(session, run, armed, partition);
        });
    }

    /**
     * The breaker has counted before the first partition; what was put into one later, or attached, while the run was paused for
     * days, it has not.
     */
    private boolean isBeyond(long gone, Partition partition, long rows) {
        long allowed = Batch.allowed(run, armed);
        if (gone + rows - allowed > allowed / TOLERATED) {
            beyond = gone + " rows have gone, and with the " + rows + " that " + partition.name() + " has now there"
                    + " would be more than the " + allowed + " that the policy, or an approval, allows this run";
        }
        return beyond != null;
    }

    private boolean isToStop(Optional<Claimed.Position> fence) {
        over = fence.isEmpty() || fence.get().stopped();
        released = over && fence.isPresent();
        return over;
    }

    /** Again and again while locks are in the way; the next run goes on where this one leaves it. */
    private void finish(PartitionDropRepository.Taking taking) {
        DatabaseFailure late = null;
        for (int attempt = 0; attempt < MOST_TRIES && !over; attempt++) {
            boolean detached = false;
            try {
                long begin = System.nanoTime();
                detach(taking);
                detached = true;
                if (over || drop(taking)) {
                    turn.cameForward();
                    around.stop().rest(Duration.ofNanos(System.nanoTime() - begin));
                    return;
                }
            } catch (DatabaseFailure e) {
                if (e.isConnectionLoss()) {
                    throw e;
                }
                if (!e.isRetryable()) {
                    putBack(taking, e);
                    return;
                }
                late = detached && e.isDeadline() ? e : null;
                LOG.debugf(e, "partition is in use partition=%s attempt=%d", taking.partition(), attempt);
            }
            pause(attempt);
        }
        if (late != null && !over) {
            putBack(taking, late);
        } else if (!over) {
            left.add(taking.partition() + " is in use; the next run goes on");
        }
    }

    /** Each run would fail at it again, and nobody sees its rows meanwhile: they are the application's, as before. */
    private void putBack(PartitionDropRepository.Taking taking, DatabaseFailure failure) {
        LOG.warnf(failure, "partition cannot be dropped policy=%s partition=%s", run.policy(), taking.partition());
        failed = true;
        String why = taking.partition() + " cannot be dropped (" + failure.getMessage() + ")";
        String remedy = failure.isDeadline()
                ? "; its rows are not counted within three quarters of caretaker.cleanup.lease: make that longer"
                : "";
        try {
            settle(taking, PartitionDrop.Way.PUT_BACK);
            left.add(why + ", and is a partition as before" + remedy);
        } catch (DatabaseFailure e) {
            failure.addSuppressed(e);
            if (e.isConnectionLoss()) {
                throw failure;
            }
            left.add(why + ", nor put back (" + e.getMessage() + "): it is detached, and the next run tries again"
                    + remedy);
        }
    }

    private void pause(int attempt) {
        around.stop().rest(FIRST_PAUSE.multipliedBy(1L << attempt));
        over = over || !isOurs();
    }

    /**
     * While the run's row is locked: who sets the kill switch, or cancels the run, is answered when nothing disappears any more,
     * and nobody takes the run over meanwhile.
     */
    private void detach(PartitionDropRepository.Taking taking) {
        boolean concurrently = concurrently();
        around.transactions()
                .run(
                        "cleanup.detach",
                        around.config().statementTimeout(),
                        around.config().lockTimeout(),
                        session -> {
                            if (!isToStop(around.runs().lock(session, run))) {
                                detach(session, taking, concurrently);
                            }
                            return true;
                        });
    }

    private void detach(Session session, PartitionDropRepository.Taking taking, boolean concurrently)
            throws SQLException {
        Place place = partitions.place(session, armed.table().oid(), taking.oid(), taking.partition());
        if (place == Place.PENDING) {
            session.update(statements.finishDetach(taking.partition()));
        } else if (place == Place.ATTACHED && concurrently) {
            // In no transaction, and so in another session.
            around.transactions()
                    .outside(
                            "cleanup.detach",
                            around.config().lockTimeout(),
                            statements.detachConcurrently(taking.partition()));
        } else if (place == Place.ATTACHED) {
            session.update(statements.detach(taking.partition()));
        }
    }

    private boolean concurrently() {
        Partitioning partitioning = around.transactions()
                .run(
                        "cleanup.partitioning",
                        session -> partitions
                                .partitioning(session, armed.table().oid())
                                .orElseThrow(() -> new SQLException("the table has gone", "02000")));
        return partitioning.detachesConcurrently() && !around.transactions().isPooled();
    }

    /** Whether there is nothing more to do about it. */
    private boolean drop(PartitionDropRepository.Taking taking) {
        PartitionDrop drop = settle(taking, PartitionDrop.Way.DROP);
        if (drop.state() == PartitionDropRepository.State.KEPT) {
            rowsLeft += drop.rows();
            left.add(taking.partition() + " holds rows that must stay, and stays");
        }
        return over || drop.state() != null;
    }

    private PartitionDrop settle(PartitionDropRepository.Taking taking, PartitionDrop.Way way) {
        PartitionDrop drop = new PartitionDrop(
                armed,
                statements,
                taking,
                around.config().lease().multipliedBy(3).dividedBy(4),
                way);
        long begin = System.nanoTime();
        BatchOutcome outcome = around.batch().run(run, armed, drop, 1, false);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        if (!(outcome instanceof BatchOutcome.Done done)) {
            over = true;
            released = outcome instanceof BatchOutcome.Stopped;
            return drop;
        }
        around.transactions().run("cleanup.longest", session -> {
            progress.longest(session, run, took);
            return true;
        });
        around.metrics().batch(run.policy(), done.rows());
        return drop;
    }

    private End end() {
        return new End(
                failed ? RunState.FAILED : RunState.COMPLETED,
                failed ? StopReason.DATABASE_ERROR : StopReason.DONE,
                left.isEmpty() ? null : String.join("; ", left),
                null,
                rowsLeft,
                null);
    }
}
