package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.throttle.SignalRepository;
import io.pgcaretaker.cleanup.throttle.ThrottlePolicy;
import io.pgcaretaker.cleanup.throttle.ThrottlePolicy.Reason;
import java.time.Duration;
import java.util.Optional;

/** Holds a run back between two batches, for as long as the server should be left alone. Never inside a transaction. */
final class Brake {

    /** How often the server is asked: the views cost little, but not nothing. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final Duration STEP = Duration.ofSeconds(1);

    private final SignalRepository signals = new SignalRepository();
    private final RunProgress progress = new RunProgress();
    private final Transactions transactions;
    private final CleanupMetrics metrics;
    private final CleanupConfig config;
    private final StopSignal stop;

    private long lookedAt = System.nanoTime() - LOOK.toNanos();

    Brake(Transactions transactions, CleanupMetrics metrics, CleanupConfig config, StopSignal stop) {
        this.transactions = transactions;
        this.metrics = metrics;
        this.config = config;
        this.stop = stop;
    }

    /** Whether it rested; then the next batch should be small, if the run is still to go on. */
    boolean hold(Claimed run, long table) {
        if (System.nanoTime() - lookedAt < LOOK.toNanos()) {
            return false;
        }
        boolean rested = false;
        Optional<Reason> reason = look(table);
        while (reason.isPresent() && !stop.isSet()) {
            rested = true;
            reason = rest(run, reason.get(), STEP) ? look(table) : Optional.empty();
        }
        return rested;
    }

    private Optional<Reason> look(long table) {
        lookedAt = System.nanoTime();
        return ThrottlePolicy.decide(
                config.throttle(), transactions.run("cleanup.signals", session -> signals.read(session, table)));
    }

    /** False, and no rest: the run is paused, cancelled or somebody else's. */
    private boolean rest(Claimed run, Reason reason, Duration time) {
        boolean ours = transactions.run(
                "cleanup.throttled",
                session -> progress.throttled(session, run, reason.wireName(), time, config.lease()));
        if (ours) {
            metrics.throttled(run.policy(), reason.wireName(), time);
            stop.rest(time);
        }
        return ours;
    }

    /** Rests until the budget of all runs allows more rows. */
    void pay(Claimed run, long rows) {
        if (rows == 0 || config.rowsPerSecond().isEmpty()) {
            return;
        }
        Duration due = transactions.run(
                "cleanup.budget",
                session -> signals.pay(session, rows, config.rowsPerSecond().getAsLong()));
        while (!due.isZero() && !stop.isSet()) {
            Duration step = due.compareTo(STEP) > 0 ? STEP : due;
            due = rest(run, Reason.BUDGET, step) ? due.minus(step) : Duration.ZERO;
        }
    }
}
