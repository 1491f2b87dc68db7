package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunProgress;
import io.pgcaretaker.cleanup.run.RunRepository;
import io.pgcaretaker.cleanup.throttle.ApplicationLatency;
import io.pgcaretaker.cleanup.throttle.SignalRepository;
import io.pgcaretaker.cleanup.throttle.ThrottlePolicy;
import io.pgcaretaker.cleanup.throttle.ThrottlePolicy.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Holds a run back between two batches, for as long as the server should be left alone. Never inside a transaction. */
final class Brake {

    /** How often the server is asked: the views cost little, but not nothing. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final Duration STEP = Duration.ofSeconds(1);

    private static final Logger LOG = Logger.getLogger(Brake.class);

    private final SignalRepository signals = new SignalRepository();
    private final RunProgress progress = new RunProgress();
    private final RunRepository runs;
    private final Transactions transactions;
    private final CleanupMetrics metrics;
    private final CleanupConfig config;
    private final ApplicationLatency application;
    private final StopSignal stop;

    private boolean told;
    private long lookedAt = System.nanoTime() - LOOK.toNanos();

    Brake(Batches around) {
        this.runs = around.runs();
        this.transactions = around.transactions();
        this.metrics = around.metrics();
        this.config = around.config();
        this.application = around.application();
        this.stop = around.stop();
    }

    /**
     * Whether it rested; then the next batch should be small, if the run is still to go on. A run that has rested long for
     * its own table is given back and goes on later, so that it keeps the worker from no other: whoever locks it next finds
     * that it is not running.
     */
    boolean hold(Claimed run, long table) {
        if (System.nanoTime() - lookedAt < LOOK.toNanos()) {
            return false;
        }
        Duration forTable = Duration.ZERO;
        boolean rested = false;
        Optional<Reason> reason = look(table);
        while (reason.isPresent() && !stop.isSet()) {
            rested = true;
            tell(run, reason.get());
            if (!rest(run, reason.get(), STEP)) {
                return true;
            }
            forTable = reason.get().isOfTheTable() ? forTable.plus(STEP) : Duration.ZERO;
            if (forTable.compareTo(config.throttle().longestTableRest()) >= 0) {
                giveBack(run, reason.get());
                return true;
            }
            reason = look(table);
        }
        return rested;
    }

    /** All other reasons pass by themselves. */
    private void tell(Claimed run, Reason reason) {
        if (reason == Reason.REPLICA_LAG_UNKNOWN && !told) {
            told = true;
            LOG.warnf(
                    "run rests: this role may not see how far standbys or subscribers are behind; run: grant pg_monitor to it,"
                            + " or set caretaker.cleanup.throttle.unknown-lag=run policy=%s run=%s",
                    run.policy(), run.id());
        }
    }

    /** For as long again, in which the worker has time for the others. */
    private void giveBack(Claimed run, Reason reason) {
        transactions.run("cleanup.give-back", session -> {
            Instant until = session.now().plus(config.throttle().longestTableRest());
            runs.defer(session, run, until, reason.wireName());
            return true;
        });
    }

    private Optional<Reason> look(long table) {
        lookedAt = System.nanoTime();
        return ThrottlePolicy.decide(
                config.throttle(),
                transactions.run("cleanup.signals", session -> signals.read(session, table)),
                application);
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

    /** Takes rows out of the budget of all runs; answers how long to rest for them. */
    Duration owe(long rows) {
        return rows == 0 || config.rowsPerSecond().isEmpty()
                ? Duration.ZERO
                : transactions.run(
                        "cleanup.budget",
                        session -> signals.pay(
                                session, rows, config.rowsPerSecond().getAsLong()));
    }

    /** Rests until the budget of all runs allows more rows. */
    void pay(Claimed run, long rows) {
        Duration due = owe(rows);
        while (!due.isZero() && !stop.isSet()) {
            Duration step = due.compareTo(STEP) > 0 ? STEP : due;
            due = rest(run, Reason.BUDGET, step) ? due.minus(step) : Duration.ZERO;
        }
    }
}
