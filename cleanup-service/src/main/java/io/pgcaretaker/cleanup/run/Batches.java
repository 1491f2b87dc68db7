package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import io.pgcaretaker.cleanup.plan.Census;
import io.pgcaretaker.cleanup.plan.Statements;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** The loop of batches: how large the next one is, when to rest, what to do when one does not succeed. */
final class Batches {

    /** Failures in a row that are answered by trying again. */
    private static final int MOST_RETRIES = 8;

    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    /** Rests are for the application, not for sleeping. */
    private static final Duration LONGEST_REST = Duration.ofSeconds(1);

    private final Batch batch;
    private final RunRepository runs;
    private final Transactions transactions;
    private final Census census;
    private final CleanupMetrics metrics;
    private final Settings settings;

    /** How the loop behaves towards its surroundings. */
    record Settings(CleanupConfig config, StopSignal stop) {}

    Batches(
            Batch batch,
            RunRepository runs,
            Transactions transactions,
            Census census,
            CleanupMetrics metrics,
            Settings settings) {
        this.batch = batch;
        this.runs = runs;
        this.transactions = transactions;
        this.census = census;
        this.metrics = metrics;
        this.settings = settings;
    }

    /** Runs until nothing is left; empty when the run is somebody else's now, or is paused or cancelled. */
    Optional<End> run(Entrance.Outcome.Entered entered) {
        Claimed run = entered.run();
        ArmedPolicy armed = entered.armed();
        BatchSize size = new BatchSize(armed.policy().batchTarget(), run.batchRows());
        int failures = 0;
        while (!settings.stop().isSet()) {
            long begin = System.nanoTime();
            try {
                BatchOutcome outcome = batch.run(run, armed, entered.statements(), size.rows());
                Duration took = Duration.ofNanos(System.nanoTime() - begin);
                failures = outcome instanceof BatchOutcome.Disturbed ? failures + 1 : 0;
                if (outcome instanceof BatchOutcome.Deleted deleted) {
                    metrics.batch(run.policy(), deleted.rows());
                    size.measured(deleted.picked(), took);
                    rest(took);
                } else if (outcome instanceof BatchOutcome.TooMany) {
                    size.halve();
                } else if (outcome instanceof BatchOutcome.PassDone done) {
                    Optional<End> end = passDone(run, armed, entered.statements(), done.secondPass());
                    if (end.isPresent()) {
                        return end;
                    }
                } else if (outcome instanceof BatchOutcome.Disturbed disturbed) {
                    requirePatience(armed, disturbed, failures);
                } else {
                    return Optional.empty();
                }
            } catch (DatabaseFailure e) {
                failures = failed(entered, e, size, failures + 1);
            }
        }
        transactions.run("cleanup.release", session -> {
            runs.release(session, run);
            return true;
        });
        return Optional.empty();
    }

    /** A hold that was just placed explains one or two of these, not many in a row. */
    private static void requirePatience(ArmedPolicy armed, BatchOutcome.Disturbed disturbed, int failures) {
        if (failures > MOST_RETRIES) {
            throw new IllegalStateException("picked " + disturbed.picked() + " rows of "
                    + armed.table().name() + " but " + disturbed.deleted() + " went; nothing was committed");
        }
    }

    private void rest(Duration took) {
        Duration rest =
                Duration.ofNanos((long) (took.toNanos() * settings.config().nice()));
        settings.stop().rest(rest.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest);
    }

    /** A short batch is no end; a clean pass is: count again with the same cutoff. */
    private Optional<End> passDone(Claimed run, ArmedPolicy armed, Statements statements, boolean secondPass) {
        long left = census.count(statements, armed.policy().limits().maxRows() + 1);
        if (left == 0 || secondPass) {
            return Optional.of(new End(
                    RunState.COMPLETED,
                    StopReason.DONE,
                    left == 0 ? null : left + " rows stayed locked, the next run takes them",
                    null,
                    left,
                    null));
        }
        transactions.run("cleanup.second-pass", session -> {
            if (runs.lock(session, run).isPresent()) {
                runs.beginSecondPass(session, run);
            }
            return true;
        });
        return Optional.empty();
    }

    /** What the number of failures in a row is after this one. */
    private int failed(Entrance.Outcome.Entered entered, DatabaseFailure failure, BatchSize size, int failures) {
        if (!failure.isRetryable()) {
            throw failure;
        }
        if (failures > MOST_RETRIES) {
            if (!failure.asksForLess() || !size.isSmallest()) {
                throw failure;
            }
            batch.skipOne(entered.run(), entered.armed(), entered.statements());
            return 0;
        }
        if (failure.asksForLess()) {
            size.halve();
        }
        long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << failures);
        settings.stop().rest(Duration.ofMillis(ThreadLocalRandom.current().nextLong(pause / 2, pause + 1)));
        transactions.run(
                "cleanup.renew",
                session -> runs.renew(session, entered.run(), settings.config().lease()));
        return failures;
    }
}
