package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.ledger.ErasureKey;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.removal.ArchivedSweep;
import io.pgcaretaker.cleanup.removal.BatchSize;
import io.pgcaretaker.cleanup.removal.Canary;
import io.pgcaretaker.cleanup.removal.HoldGates;
import io.pgcaretaker.cleanup.removal.Picks;
import io.pgcaretaker.cleanup.removal.Removal;
import io.pgcaretaker.cleanup.removal.Sweep;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import io.pgcaretaker.cleanup.run.RunProgress;
import io.pgcaretaker.cleanup.run.RunState;
import io.pgcaretaker.cleanup.run.StopReason;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Cursor;
import io.pgcaretaker.cleanup.statement.Statements;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** One run's way through its batches: how large the next one is, when to rest, what to do when one does not succeed. */
final class BatchLoop {

    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    /** What was in a canary's way by chance is not there again; what is wrong is wrong each time. */
    private static final int CANARIES = 3;

    /** Rests are for the application, not for sleeping. */
    private static final Duration LONGEST_REST = Duration.ofSeconds(1);

    private final Batches around;
    private final Claimed run;
    private final ArmedPolicy armed;
    private final Statements statements;
    private Removal removal;
    private final RunProgress.@Nullable Beginning beginning;
    private final RunProgress progress = new RunProgress();
    private final Brake brake;
    private final SideBySide windows;
    private final Turn turn;

    private BatchSize size;
    private Claimed.Phase phase = Claimed.Phase.FIRST_PASS;
    private @Nullable Cursor begin;

    /** Where the next window begins, as far as is known here; the run's row decides. */
    private @Nullable Cursor at;

    private boolean careful;
    private int failures;
    private int canaries;
    private Duration longest = Duration.ZERO;
    private boolean over;
    private boolean released;
    private @Nullable End end;

    BatchLoop(Batches around, Entrance.Outcome.Entered entered) {
        this.around = around;
        this.run = entered.run();
        this.armed = entered.armed();
        this.statements = entered.statements();
        this.beginning = entered.beginning();
        this.removal = removal();
        this.brake = new Brake(around);
        this.turn = new Turn(around, run);
        this.windows = new SideBySide(around, run, armed, removal);
        this.size = new BatchSize(armed.policy().batchTarget(), BatchSize.Range.PICKED);
    }

    private Removal removal() {
        if (armed.goesByKey()) {
            return picks();
        }
        Sweep.Way way = armed.policy().action().is(Action.Kind.ARCHIVE)
                ? new ArchivedSweep(around.archive(), run, armed)
                : Sweep.Way.PLAIN;
        return new Sweep(armed, statements, way);
    }

    private Removal picks() {
        return new Picks(
                run.id(),
                armed,
                statements,
                armed.policy().rememberKeys() ? ErasureKey.of(around.config().ledgerKey()) : Optional.empty());
    }

    Optional<End> run() {
        try {
            if (beginning == null) {
                restart();
            } else {
                windows.prepare(beginning.cursor());
                goOn(beginning.phase(), beginning.cursor());
            }
            while (!over && !around.stop().isSet()) {
                step();
            }
        } catch (RuntimeException e) {
            tellLongest(e);
            throw e;
        }
        End ended = end;
        if (ended != null) {
            return Optional.of(ended.with(longest));
        }
        around.transactions().runLazily("cleanup.leave", session -> {
            progress.longest(session, run, longest);
            if (released) {
                // Without an owner, and it says why.
                progress.throttled(session, run, "kill-switch", Duration.ZERO, Duration.ofMillis(-1));
            } else if (!over) {
                around.runs().release(session, run);
            }
            return true;
        });
        return Optional.empty();
    }

    /** Before another closes the run, which it has failed. */
    private void tellLongest(RuntimeException failure) {
        try {
            around.transactions().run("cleanup.longest", session -> {
                progress.longest(session, run, longest);
                return true;
            });
        } catch (DatabaseFailure again) {
            failure.addSuppressed(again);
        }
    }

    /** Small again: at the beginning, and where another pass counts something else. */
    private void restart() {
        Optional<Claimed.Position> position = around.transactions()
                .runLazily("cleanup.position", session -> around.runs().lock(session, run));
        if (position.isEmpty()) {
            over = true;
            return;
        }
        goOn(position.get().phase(), position.get().cursor());
    }

    private void goOn(Claimed.Phase from, @Nullable Cursor where) {
        phase = from;
        careful = false;
        begin = where;
        at = where;
        size = new BatchSize(armed.policy().batchTarget(), current().range(begin));
    }

    private void step() {
        over = WindowGate.defers(around, run, armed.policy().pace().window()) || turn.isOver();
        if (over) {
            return;
        }
        if (brake.hold(run, armed.table().oid())) {
            restart();
            return;
        }
        long open = System.nanoTime();
        try {
            boolean alone = careful || phase == Claimed.Phase.CANARY;
            int units = alone ? size.units() : windows.share(at, size.units());
            SideBySide.Outcome both = windows.take(
                    alone ? null : at, units, () -> around.batch().run(run, armed, current(), units, careful));
            BatchOutcome outcome = both.first().outcome();
            failures = 0;
            keepLongest(both.first().took());
            if (outcome instanceof BatchOutcome.Done done) {
                if (phase != Claimed.Phase.CANARY) {
                    // One measurement for both: they are of one size, and each slows the other down.
                    size.measured(done.units(), done.removal(), both.first().took());
                }
                done(done, both.first().took());
                both.second().ifPresent(second -> {
                    keepLongest(second.took());
                    done(second.outcome(), second.took());
                });
            } else if (outcome instanceof BatchOutcome.TooMany) {
                size.halve();
            } else if (outcome instanceof BatchOutcome.PassDone pass) {
                passDone(pass);
            } else {
                over = true;
                released = outcome instanceof BatchOutcome.Stopped;
            }
        } catch (DatabaseFailure e) {
            // It was rolled back, and in the way for as long.
            keepLongest(Duration.ofNanos(System.nanoTime() - open));
            failed(e);
        } catch (Canary.DeadException e) {
            keepLongest(Duration.ofNanos(System.nanoTime() - open));
            canaryDied(e);
        } catch (Batch.BeyondLimitException e) {
            keepLongest(Duration.ofNanos(System.nanoTime() - open));
            around.metrics().breakerTripped(run.policy(), StopReason.BREAKER_ROWS.wireName());
            over = true;
            end = End.of(RunState.NEEDS_APPROVAL, StopReason.BREAKER_ROWS, e.getMessage());
        } catch (RuntimeException e) {
            keepLongest(Duration.ofNanos(System.nanoTime() - open));
            throw e;
        }
    }

    private void keepLongest(Duration took) {
        longest = took.compareTo(longest) > 0 ? took : longest;
    }

    private Removal current() {
        return phase == Claimed.Phase.CANARY ? new Canary(armed, statements, removal) : removal;
    }

    private void done(BatchOutcome.Done done, Duration took) {
        turn.cameForward();
        careful = false;
        at = done.next();
        around.metrics().batch(run.policy(), done.rows());
        long rows = done.rows().values().stream().mapToLong(Long::longValue).sum();
        if (phase == Claimed.Phase.CANARY) {
            brake.owe(rows);
            canaryLives(done, took);
            return;
        }
        if (done.end().isPresent()) {
            // Nobody rests here any more: whoever comes next does.
            brake.owe(rows);
            passDone(done.end().get());
            return;
        }
        rest(took);
        brake.pay(run, rows);
    }

    /** Rolled back. A row may have been let go, or have come to match, between its look and its statement: it looks again. */
    private void canaryDied(Canary.DeadException died) {
        canaries++;
        over = canaries == CANARIES;
        end = over ? End.of(RunState.FAILED, StopReason.CANARY, died.getMessage()) : null;
        if (!over) {
            pause();
        }
    }

    /** The cursor is where it was. What its rows took is a first measurement, where windows are counted in rows. */
    private void canaryLives(BatchOutcome.Done done, Duration took) {
        phase = Claimed.Phase.FIRST_PASS;
        size = new BatchSize(armed.policy().batchTarget(), removal.range(begin));
        if (size.range().isOfBlocks()) {
            size.rowsTook(done.removal());
        } else {
            size.measured(done.units(), done.removal(), took);
        }
    }

    private void rest(Duration took) {
        double nice = armed.policy().pace().niceOr(around.config().nice());
        Duration rest = Duration.ofNanos((long) (took.toNanos() * nice));
        around.stop().rest(rest.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest);
    }

    /** A short batch is no end; a clean pass is: unless every row is accounted for, count again with the same cutoff. */
    private void passDone(BatchOutcome.PassDone pass) {
        OptionalLong left = pass.accounted() ? OptionalLong.of(0) : left();
        if (left.equals(OptionalLong.of(0)) || pass.secondPass()) {
            over = true;
            end = Endings.completed(left, pass.open());
            return;
        }
        around.transactions().runLazily("cleanup.second-pass", session -> {
            if (around.runs().lock(session, run).isPresent()) {
                progress.beginSecondPass(session, run);
            }
            return true;
        });
        restart();
    }

    /** Empty: it cannot be counted in time. It is no batch, which would be tried again, and take as long each time. */
    private OptionalLong left() {
        around.transactions().run("cleanup.schema-drift", session -> SchemaDrift.look(session, armed));
        try {
            return OptionalLong.of(around.heartbeat()
                    .during(
                            run,
                            () -> around.census()
                                    .count(statements, armed.policy().limits().maxRows() + 1)));
        } catch (DatabaseFailure e) {
            if (!e.asksForLess()) {
                throw e;
            }
            return OptionalLong.empty();
        }
    }

    private void failed(DatabaseFailure failure) {
        if (failure.isLockTimeout() && isGateKept()) {
            // No row is in the way: to go on behind them would leave all of them.
            throw failure;
        }
        if (failure.isDeadline() && size.isSmallest() && removal instanceof Sweep && armed.maySetNullInParts()) {
            // More rows may refer to one than a statement can set to null in its time: by its key they go in parts.
            removal = picks();
            failures = 0;
            restart();
            return;
        }
        failures++;
        switch (RetryPolicy.decide(
                failure,
                new RetryPolicy.Situation(failures, size.isSmallest(), careful, phase, armed.isPartitioned()))) {
            case GIVE_UP -> giveUp(failure);
            case CAREFUL -> careful = true;
            case SKIP -> skip();
            case SMALLER_AT_ONCE -> size.halve();
            case SMALLER_LATER -> {
                size.halve();
                pause();
            }
            case LATER -> pause();
        }
    }

    private void skip() {
        try {
            around.batch().skip(run, removal);
            failures = 0;
            turn.cameForward();
        } catch (DatabaseFailure e) {
            giveUp(e);
        }
    }

    private void giveUp(DatabaseFailure failure) {
        if (!failure.isDeadline()) {
            throw failure;
        }
        over = true;
        end = Endings.late(failure, armed);
    }

    private boolean isGateKept() {
        return around.transactions().run("cleanup.gates", session -> HoldGates.isKept(session, armed));
    }

    private void pause() {
        long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, RetryPolicy.MOST_RETRIES));
        around.stop().rest(Duration.ofMillis(ThreadLocalRandom.current().nextLong(pause / 2, pause + 1)));
        around.transactions()
                .run(
                        "cleanup.renew",
                        session -> around.runs()
                                .renew(session, run, around.config().lease()));
    }
}
