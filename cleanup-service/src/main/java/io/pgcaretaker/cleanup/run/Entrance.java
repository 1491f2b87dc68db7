package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import io.pgcaretaker.cleanup.plan.BreakerPolicy;
import io.pgcaretaker.cleanup.plan.Census;
import io.pgcaretaker.cleanup.plan.Cursor;
import io.pgcaretaker.cleanup.plan.Preflight;
import io.pgcaretaker.cleanup.plan.Readiness;
import io.pgcaretaker.cleanup.plan.Statements;
import io.pgcaretaker.cleanup.plan.Strategy;
import io.pgcaretaker.cleanup.plan.StrategyPolicy;
import io.pgcaretaker.cleanup.policy.Limits;
import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What must hold before the first row goes: the clock, the pre-flight, the breaker. */
final class Entrance {

    private final RunStart start;
    private final Preflight preflight;
    private final Census census;
    private final Transactions transactions;
    private final RunRepository runs;
    private final CleanupMetrics metrics;

    Entrance(
            RunStart start,
            Preflight preflight,
            Census census,
            Transactions transactions,
            RunRepository runs,
            CleanupMetrics metrics) {
        this.start = start;
        this.preflight = preflight;
        this.census = census;
        this.transactions = transactions;
        this.runs = runs;
        this.metrics = metrics;
    }

    /** Whether the run may begin. */
    sealed interface Outcome {
        /**
         * It may.
         *
         * @param run with its cutoff
         * @param remark what an operator should know all the same
         */
        record Entered(
                Claimed run,
                ArmedPolicy armed,
                Statements statements,
                long matched,
                @Nullable String remark) implements Outcome {}

        record TurnedAway(End end) implements Outcome {}

        /** Somebody else owns the run. */
        record Fenced() implements Outcome {}
    }

    Outcome enter(Claimed claimed, RetentionPolicy policy) {
        RunStart.Outcome started = start.fixCutoff(claimed, policy);
        if (started instanceof RunStart.Outcome.Refused refused) {
            return new Outcome.TurnedAway(refused.end());
        }
        if (!(started instanceof RunStart.Outcome.Fixed fixed)) {
            return new Outcome.Fenced();
        }
        Readiness readiness = preflight.check(policy);
        if (!(readiness instanceof Readiness.Armed armed)) {
            return new Outcome.TurnedAway(End.of(
                    RunState.REFUSED,
                    readiness instanceof Readiness.NotApplicable ? StopReason.NOT_APPLICABLE : StopReason.PREFLIGHT,
                    String.join("; ", readiness.reasons())));
        }
        return breaker(fixed.run(), armed.policy(), fixed.cutoff());
    }

    private Outcome breaker(Claimed run, ArmedPolicy armed, Instant cutoff) {
        Statements statements = new Statements(armed, cutoff);
        if (run.breakerPassed()) {
            return new Outcome.Entered(run, armed, statements, 0, null);
        }
        Limits limits = armed.policy().limits();
        long approved = run.approvedMaxRows() == null ? 0 : run.approvedMaxRows();
        long matched = census.count(statements, Math.max(limits.maxRows(), approved) + 1);
        long tableRows = census.tableRows(armed);
        BreakerPolicy.Verdict verdict =
                matched <= approved ? BreakerPolicy.Verdict.PASS : BreakerPolicy.decide(limits, matched, tableRows);
        if (verdict == BreakerPolicy.Verdict.PASS) {
            pass(run, armed, matched, tableRows);
            return new Outcome.Entered(run, armed, statements, matched, null);
        }
        StopReason reason =
                verdict == BreakerPolicy.Verdict.TOO_MANY_ROWS ? StopReason.BREAKER_ROWS : StopReason.BREAKER_FRACTION;
        String detail = "%s rows of about %d would go; the policy allows %d rows and a share of %s"
                .formatted(
                        matched > limits.maxRows() ? "more than " + (matched - 1) : Long.toString(matched),
                        tableRows,
                        limits.maxRows(),
                        limits.maxFraction());
        metrics.breakerTripped(run.policy(), reason.wireName());
        return run.mode() == Mode.SHADOW
                ? new Outcome.Entered(run, armed, statements, matched, "enforced, this would need approval: " + detail)
                : new Outcome.TurnedAway(new End(RunState.NEEDS_APPROVAL, reason, detail, matched, 0, Map.of()));
    }

    private void pass(Claimed run, ArmedPolicy armed, long matched, long tableRows) {
        StrategyPolicy.Shape shape = census.shape(armed, tableRows);
        StrategyPolicy.Choice choice =
                StrategyPolicy.choose(shape, matched, !armed.dependents().isEmpty());
        Cursor beginning = choice.strategy() == Strategy.BLOCK_RANGES ? new Cursor.Block(0, shape.blocks()) : null;
        transactions.run("cleanup.breaker-passed", session -> {
            runs.passBreaker(session, run, matched, choice, beginning);
            return true;
        });
    }
}
