package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import io.pgcaretaker.cleanup.run.RunProgress;
import io.pgcaretaker.cleanup.run.RunState;
import io.pgcaretaker.cleanup.run.StopReason;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Statements;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What must hold before the first row goes: the clock, the pre-flight, the breaker. */
final class Entrance {

    private static final Logger LOG = Logger.getLogger(Entrance.class);

    private final RunStart start;
    private final FreshPreflight preflight;
    private final Breakers breakers;

    Entrance(RunStart start, FreshPreflight preflight, Breakers breakers) {
        this.start = start;
        this.preflight = preflight;
        this.breakers = breakers;
    }

    /** Whether the run may begin. */
    sealed interface Outcome {
        /**
         * It may.
         *
         * @param run with its cutoff
         * @param remark what an operator should know all the same
         * @param beginning where it begins, if it does so just now
         */
        record Entered(
                Claimed run,
                ArmedPolicy armed,
                Statements statements,
                long matched,
                @Nullable String remark,
                RunProgress.@Nullable Beginning beginning)
                implements Outcome {}

        record TurnedAway(End end) implements Outcome {}

        /** Somebody else owns the run. */
        record Fenced() implements Outcome {}
    }

    /** Whether the run is one of the policy as it is here, or can be. */
    RunStart.Adoption adopt(Claimed run, RetentionPolicy policy) {
        return policy.hash().equals(run.policyHash()) ? new RunStart.Adoption.Ours(run) : start.adopt(run, policy);
    }

    RunStart.Adoption leave(Claimed run) {
        return start.leave(run);
    }

    void reopen(Claimed cancelled, RetentionPolicy policy) {
        start.reopen(cancelled, policy);
    }

    /** Where the server has no room: the next slot may be a month away, and there may be some in a minute. False: it is not put off. */
    boolean putOff(Claimed run, DatabaseFailure failure) {
        boolean off = start.putOff(run, StopReason.DATABASE_ERROR);
        if (off) {
            LOG.warnf(
                    "run put off for a minute, the server has no room policy=%s run=%s cause=%s",
                    run.policy(), run.id(), failure.getMessage());
        }
        return off;
    }

    Outcome enter(Claimed claimed, RetentionPolicy policy) {
        RunStart.Outcome started = start.fixCutoff(claimed, policy);
        if (started instanceof RunStart.Outcome.Refused refused) {
            return new Outcome.TurnedAway(refused.end());
        }
        if (!(started instanceof RunStart.Outcome.Fixed fixed)) {
            return new Outcome.Fenced();
        }
        Readiness readiness;
        try {
            readiness = preflight.forRun(policy);
        } catch (DatabaseFailure e) {
            if (!e.isOutOfResources() || e.isConnectionLoss()) {
                throw e;
            }
            if (putOff(fixed.run(), e)) {
                return new Outcome.Fenced();
            }
            readiness = Preflight.unseen(e);
        }
        if (!(readiness instanceof Readiness.Armed armed)) {
            return new Outcome.TurnedAway(End.of(
                    RunState.REFUSED,
                    readiness instanceof Readiness.NotApplicable ? StopReason.NOT_APPLICABLE : StopReason.PREFLIGHT,
                    String.join("; ", readiness.reasons())));
        }
        return breakers.ask(fixed.run(), armed.policy(), fixed.cutoff());
    }
}
