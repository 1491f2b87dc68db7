package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import io.pgcaretaker.cleanup.plan.BreakerPolicy;
import io.pgcaretaker.cleanup.plan.BreakerPolicy.Verdict;
import io.pgcaretaker.cleanup.plan.Census;
import io.pgcaretaker.cleanup.plan.Cursor;
import io.pgcaretaker.cleanup.plan.PartitionCensus;
import io.pgcaretaker.cleanup.plan.Statements;
import io.pgcaretaker.cleanup.plan.StrategyPolicy;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.Limits;
import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.policy.Retention;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Counts what would go and asks every breaker; lets the run begin or turns it away, before the first row. */
final class Breakers {

    private final Census census;
    private final Transactions transactions;
    private final RunRepository runs;
    private final RunProgress progress = new RunProgress();
    private final CleanupMetrics metrics;

    Breakers(Census census, Transactions transactions, RunRepository runs, CleanupMetrics metrics) {
        this.census = census;
        this.transactions = transactions;
        this.runs = runs;
        this.metrics = metrics;
    }

    /**
     * What would go, and how.
     *
     * @param first where it begins; absent: at the oldest
     * @param canary whether a few rows can go first
     */
    private record Found(
            long matched,
            long tableRows,
            StrategyPolicy.Choice choice,
            @Nullable Cursor first,
            boolean canary) {}

    /** What is known when they are asked. */
    private record Facts(Found found, RunRepository.History history) {
        long matched() {
            return found.matched();
        }

        long tableRows() {
            return found.tableRows();
        }
    }

    private record Trip(StopReason reason, String detail) {}

    Entrance.Outcome ask(Claimed run, ArmedPolicy armed, Instant cutoff) {
        Statements statements = new Statements(armed, cutoff);
        if (run.breakerPassed()) {
            return new Entrance.Outcome.Entered(run, armed, statements, 0, null);
        }
        long approved = run.approvedMaxRows() == null ? 0 : run.approvedMaxRows();
        Found found = armed.policy().action().is(Action.Kind.DROP_PARTITIONS)
                ? inPartitions(armed, cutoff)
                : inRows(armed, statements, approved);
        long matched = found.matched();
        Facts facts = new Facts(found, transactions.run("cleanup.history", session -> runs.history(session, run)));
        Optional<Trip> trip = matched <= approved && run.approvedMaxRows() != null
                ? Optional.empty()
                : trip(armed.policy(), facts, cutoff);
        if (trip.isEmpty()) {
            begin(run, armed, facts);
            return new Entrance.Outcome.Entered(run, armed, statements, matched, null);
        }
        metrics.breakerTripped(run.policy(), trip.get().reason().wireName());
        return run.mode() == Mode.SHADOW
                ? new Entrance.Outcome.Entered(
                        run,
                        armed,
                        statements,
                        matched,
                        "enforced, this would need approval: " + trip.get().detail())
                : new Entrance.Outcome.TurnedAway(new End(
                        RunState.NEEDS_APPROVAL, trip.get().reason(), trip.get().detail(), matched, 0, Map.of()));
    }

    private static Optional<Trip> trip(RetentionPolicy policy, Facts facts, Instant cutoff) {
        Limits limits = policy.limits();
        Verdict verdict = BreakerPolicy.decide(limits, facts.matched(), facts.tableRows());
        if (verdict != Verdict.PASS) {
            return Optional.of(new Trip(
                    verdict == Verdict.TOO_MANY_ROWS ? StopReason.BREAKER_ROWS : StopReason.BREAKER_FRACTION,
                    "%s rows of about %d would go; the policy allows %d rows and a share of %s"
                            .formatted(
                                    facts.matched() > limits.maxRows()
                                            ? "more than " + (facts.matched() - 1)
                                            : Long.toString(facts.matched()),
                                    facts.tableRows(),
                                    limits.maxRows(),
                                    limits.maxFraction())));
        }
        RunRepository.History history = facts.history();
        if (isShorter(policy, history, cutoff)) {
            return Optional.of(new Trip(
                    StopReason.RETENTION_SHORTENED,
                    "the retention was %s and is %s, %d rows would go; approve this run to confirm it"
                            .formatted(history.retention(), policy.retention(), facts.matched())));
        }
        if (BreakerPolicy.drift(facts.matched(), history.runs(), history.mostMatched()) == Verdict.DRIFT) {
            return Optional.of(new Trip(
                    StopReason.BREAKER_DRIFT,
                    "%d rows would go; the most of the %d runs before was %d"
                            .formatted(facts.matched(), history.runs(), history.mostMatched())));
        }
        return Optional.empty();
    }

    /** Whether rows go that the retention of the last run would have kept, seen from the same moment. */
    private static boolean isShorter(RetentionPolicy policy, RunRepository.History history, Instant cutoff) {
        if (history.retention() == null
                || history.retention().equals(policy.retention().toString())) {
            return false;
        }
        ZonedDateTime now = cutoff.atZone(ZoneOffset.UTC)
                .plus(policy.retention().time())
                .plus(policy.retention().date());
        return Retention.parse(history.retention())
                .cutoff(now)
                .isBefore(policy.retention().cutoff(now));
    }

    private Found inRows(ArmedPolicy armed, Statements statements, long approved) {
        Census.Extent extent = census.extent(
                armed, statements, Math.max(armed.policy().limits().maxRows(), approved) + 1);
        long matched = extent.matched();
        StrategyPolicy.Shape shape = extent.shape();
        StrategyPolicy.Choice choice = StrategyPolicy.choose(armed, shape, matched);
        return new Found(matched, shape.rows(), choice, first(armed, choice.blocks()), true);
    }

    private static @Nullable Cursor first(ArmedPolicy armed, StrategyPolicy.@Nullable Blocks blocks) {
        if (blocks == null) {
            return null;
        }
        return armed.isPartitioned() ? new Cursor.Block(0, 0, 0L) : new Cursor.Block(blocks.from(), blocks.to());
    }

    /** Whole partitions have no first hundred rows: each is looked at to its last row before it goes. */
    private Found inPartitions(ArmedPolicy armed, Instant cutoff) {
        PartitionCensus.Survey survey = new PartitionCensus(transactions, census).survey(armed, cutoff);
        return new Found(survey.matched(), survey.tableRows(), survey.choice(), null, false);
    }

    private void begin(Claimed run, ArmedPolicy armed, Facts facts) {
        Found found = facts.found();
        boolean canary =
                found.canary() && run.mode() == Mode.ENFORCE && facts.history().fresh() && found.matched() > 0;
        transactions.runLazily("cleanup.breaker-passed", session -> {
            progress.begin(
                    session,
                    run,
                    new RunProgress.Beginning(
                            found.matched(),
                            found.choice(),
                            found.first(),
                            canary,
                            armed.policy().retention().toString()));
            return true;
        });
    }
}
