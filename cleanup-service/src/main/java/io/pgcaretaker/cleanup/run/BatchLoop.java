package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import io.pgcaretaker.cleanup.plan.Cursor;
import io.pgcaretaker.cleanup.plan.Statements;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** One run's way through its batches: how large the next one is, when to rest, what to do when one does not succeed. */
final class BatchLoop {

    /** Failures in a row that are answered by trying again. */
    private static final int MOST_RETRIES = 8;

    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    /** Rests are for the application, not for sleeping. */
    private static final Duration LONGEST_REST = Duration.ofSeconds(1);

    private final Batches around;
    private final Claimed run;
    private final ArmedPolicy armed;
    private final Statements statements;
    private final Removal removal;

    private BatchSize size;
    private boolean secondPass;
    private boolean careful;
    private int failures;
    private boolean over;
    private @Nullable End end;

    BatchLoop(Batches around, Entrance.Outcome.Entered entered) {
        this.around = around;
        this.run = entered.run();
        this.armed = entered.armed();
        this.statements = entered.statements();
        this.removal = armed.dependents().isEmpty() ? new Sweep(armed, statements) : new Picks(armed, statements);
        this.size = new BatchSize(armed.policy().batchTarget(), BatchSize.Range.PICKED);
    }

    Optional<End> run() {
        restart();
        while (!over && !around.stop().isSet()) {
            step();
        }
        if (!over) {
            around.transactions().run("cleanup.release", session -> {
                around.runs().release(session, run);
                return true;
            });
        }
        return Optional.ofNullable(end);
    }

    /** Small again: at the beginning, and where another pass counts something else. */
    private void restart() {
        Optional<Claimed.Position> position = around.transactions()
                .run("cleanup.position", session -> around.runs().lock(session, run));
        if (position.isEmpty()) {
            over = true;
            return;
        }
        secondPass = position.get().secondPass();
        careful = false;
        Cursor cursor = position.get().cursor();
        size = new BatchSize(armed.policy().batchTarget(), removal.range(cursor));
    }

    private void step() {
        long begin = System.nanoTime();
        try {
            BatchOutcome outcome = around.batch().run(run, armed, removal, size.units(), careful);
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            failures = 0;
            if (outcome instanceof BatchOutcome.Done done) {
                done(done, took);
            } else if (outcome instanceof BatchOutcome.TooMany) {
                size.halve();
            } else if (outcome instanceof BatchOutcome.PassDone pass) {
                passDone(pass);
            } else {
                over = true;
            }
        } catch (DatabaseFailure e) {
            failed(e);
        }
    }

    private void done(BatchOutcome.Done done, Duration took) {
        careful = false;
        around.metrics().batch(run.policy(), done.rows());
        if (done.end().isPresent()) {
            passDone(done.end().get());
            return;
        }
        size.measured(done.units(), took);
        rest(took);
    }

    private void rest(Duration took) {
        Duration rest =
                Duration.ofNanos((long) (took.toNanos() * around.config().nice()));
        around.stop().rest(rest.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest);
    }

    /** A short batch is no end; a clean pass is: unless every row is accounted for, count again with the same cutoff. */
    private void passDone(BatchOutcome.PassDone pass) {
        long left = pass.accounted()
                ? 0
                : around.census().count(statements, armed.policy().limits().maxRows() + 1);
        if (left == 0 || pass.secondPass()) {
            over = true;
            end = new End(
                    RunState.COMPLETED,
                    StopReason.DONE,
                    left == 0 ? null : left + " rows stayed locked, the next run takes them",
                    null,
                    left,
                    null);
            return;
        }
        around.transactions().run("cleanup.second-pass", session -> {
            if (around.runs().lock(session, run).isPresent()) {
                around.runs().beginSecondPass(session, run);
            }
            return true;
        });
        restart();
    }

    private void failed(DatabaseFailure failure) {
        if (!failure.isRetryable()) {
            throw failure;
        }
        failures++;
        if (failures > MOST_RETRIES) {
            if (!failure.asksForLess() || !size.isSmallest()) {
                throw failure;
            }
            around.batch().skip(run, removal);
            failures = 0;
        } else if (failure.isLockTimeout() && !careful && !secondPass) {
            // Somebody's rows are in this window: the others go without them, at once.
            careful = true;
        } else {
            if (failure.asksForLess()) {
                size.halve();
            }
            pause();
        }
    }

    private void pause() {
        long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << failures);
        around.stop().rest(Duration.ofMillis(ThreadLocalRandom.current().nextLong(pause / 2, pause + 1)));
        around.transactions()
                .run(
                        "cleanup.renew",
                        session -> around.runs()
                                .renew(session, run, around.config().lease()));
    }
}
