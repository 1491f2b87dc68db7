package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.breaker.BreakerPolicy;
import io.pgcaretaker.cleanup.breaker.ClockPolicy;
import io.pgcaretaker.cleanup.breaker.RunHistoryRepository;
import io.pgcaretaker.cleanup.breaker.RunTimes;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import io.pgcaretaker.cleanup.run.RunOpening;
import io.pgcaretaker.cleanup.run.RunRepository;
import io.pgcaretaker.cleanup.run.RunState;
import io.pgcaretaker.cleanup.run.StopReason;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/** Fixes a run's cutoff once, by the database's clock, if that clock can be believed. */
final class RunStart {

    private final Transactions transactions;
    private final RunRepository runs;
    private final RunOpening opening = new RunOpening();
    private final RunHistoryRepository history = new RunHistoryRepository();
    private final CleanupConfig config;
    private final Clock clock;

    RunStart(Transactions transactions, RunRepository runs, CleanupConfig config, Clock clock) {
        this.transactions = transactions;
        this.runs = runs;
        this.config = config;
        this.clock = clock;
    }

    /** What came of it. */
    sealed interface Outcome {
        record Fixed(Claimed run, Instant cutoff) implements Outcome {}

        record Refused(End end) implements Outcome {}

        /** Somebody else owns the run, or may: it was given back. */
        record Fenced() implements Outcome {}
    }

    /** Of a slot's run another replica, whose clock is right, gets its turn before it is refused. */
    Outcome fixCutoff(Claimed run, RetentionPolicy policy) {
        return transactions.runLazily("cleanup.start", session -> {
            if (runs.lock(session, run).isEmpty()) {
                return new Outcome.Fenced();
            }
            RunTimes times = history.times(session, run.policy(), run.mode(), Optional.of(run.id()));
            if (times.standby()) {
                return refused(StopReason.STANDBY, "the database is a standby, it takes no writes");
            }
            Instant cutoff = run.cutoff() != null
                    ? run.cutoff()
                    : policy.retention()
                            .cutoff(times.now().atZone(ZoneOffset.UTC))
                            .toInstant();
            // An operator who starts or approves a run by hand has looked: a leap since the last one is no reason then.
            boolean looked = run.manual() || run.approvedMaxRows() != null;
            Optional<BreakerPolicy.Trip> trip = ClockPolicy.trip(
                    looked ? times.withoutLastCutoff() : times,
                    clock.instant(),
                    config.maxClockSkew(),
                    cutoff,
                    policy.every());
            if (trip.isPresent()
                    && trip.get().verdict() == BreakerPolicy.Verdict.CLOCK_SKEW
                    && !looked
                    && runs.putOff(session, run, StopReason.CLOCK_SKEW.wireName())) {
                return new Outcome.Fenced();
            }
            return trip.isPresent()
                    ? refused(StopReason.of(trip.get().verdict()), trip.get().detail())
                    : fixed(session, run, cutoff);
        });
    }

    /** Gives a run of the schedule back for a minute, as long as that is not an hour old; false: it is not given back. */
    boolean putOff(Claimed run, StopReason why) {
        return !run.manual()
                && transactions.run("cleanup.put-off", session -> runs.putOff(session, run, why.wireName()));
    }

    /**
     * Makes a slot's run that another version of the policy has opened one of this version. The newer one may be kept from what the
     * older one would take: it gets its turn before, whoever opened its run and wherever that stands.
     */
    Adoption adopt(Claimed run, RetentionPolicy policy) {
        return transactions.run("cleanup.adopt", session -> {
            if (opening.isOlder(session, run, policy)
                    && runs.putOff(session, run, StopReason.POLICY_CHANGED.wireName())) {
                return new Adoption.Left();
            }
            return opening.adopt(session, run, policy)
                    .<Adoption>map(Adoption.Ours::new)
                    .orElseGet(Adoption.Foreign::new);
        });
    }

    /** Whose policy is not here may be of a replica with a newer file, in which it is new: none of before would leave it its slot. */
    Adoption leave(Claimed run) {
        boolean left = transactions.run(
                "cleanup.leave", session -> runs.putOff(session, run, StopReason.POLICY_CHANGED.wireName()));
        return left ? new Adoption.Left() : new Adoption.Foreign();
    }

    /** What a run of the schedule had left, when it was cancelled for this policy: its next slot may be a month away. */
    void reopen(Claimed cancelled, RetentionPolicy policy) {
        if (!cancelled.manual()) {
            transactions.run(
                    "cleanup.reopen",
                    session -> !opening.isOlder(session, cancelled, policy) && opening.openSlot(session, policy));
        }
    }

    /** Whose a run is, by the version of its policy. */
    sealed interface Adoption {
        record Ours(Claimed run) implements Adoption {}

        /** Given back, to a replica that has the newer one. */
        record Left() implements Adoption {}

        /** It is nobody's who is here. */
        record Foreign() implements Adoption {}
    }

    private Outcome fixed(Session session, Claimed run, Instant cutoff) throws SQLException {
        if (run.cutoff() == null) {
            runs.fixCutoff(session, run, cutoff);
        }
        return new Outcome.Fixed(
                new Claimed(
                        run.id(),
                        run.policy(),
                        run.policyHash(),
                        run.mode(),
                        run.manual(),
                        run.fence(),
                        cutoff,
                        run.breakerPassed(),
                        run.approvedMaxRows()),
                cutoff);
    }

    private static Outcome refused(StopReason reason, String detail) {
        return new Outcome.Refused(End.of(RunState.REFUSED, reason, detail));
    }
}
