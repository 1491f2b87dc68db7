package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.breaker.BreakerPolicy;
import io.pgcaretaker.cleanup.breaker.BreakerPolicy.Known;
import io.pgcaretaker.cleanup.breaker.BreakerPolicy.Trip;
import io.pgcaretaker.cleanup.breaker.RunHistory;
import io.pgcaretaker.cleanup.breaker.RunHistoryRepository;
import io.pgcaretaker.cleanup.breaker.Terms;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.Census;
import io.pgcaretaker.cleanup.plan.PartitionCensus;
import io.pgcaretaker.cleanup.plan.StrategyPolicy;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import io.pgcaretaker.cleanup.run.RunProgress;
import io.pgcaretaker.cleanup.run.RunRepository;
import io.pgcaretaker.cleanup.run.RunState;
import io.pgcaretaker.cleanup.run.StopReason;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Cursor;
import io.pgcaretaker.cleanup.statement.Statements;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Counts what would go and asks every breaker; lets the run begin or turns it away, before the first row. */
final class Breakers {

    private final Policies policies;
    private final Census census;
    private final Companion companion;
    private final Transactions transactions;
    private final double nice;
    private final RunHistoryRepository histories = new RunHistoryRepository();
    private final RunProgress progress = new RunProgress();
    private final RunRepository runs = new RunRepository();
    private final CleanupMetrics metrics;

    /** @param nice of policies that have none of their own */
    Breakers(
            Policies policies,
            Census census,
            Companion companion,
            Transactions transactions,
            double nice,
            CleanupMetrics metrics) {
        this.policies = policies;
        this.census = census;
        this.companion = companion;
        this.transactions = transactions;
        this.nice = nice;
        this.metrics = metrics;
    }

    /**
     * What would go, and how.
     *
     * @param complete false: counted until one too many
     * @param first where it begins; absent: at the oldest
     * @param canary whether a few rows can go first
     */
    private record Found(
            long matched,
            boolean complete,
            long tableRows,
            StrategyPolicy.Choice choice,
            @Nullable Cursor first,
            boolean canary) {
        BreakerPolicy.Counts counts() {
            return new BreakerPolicy.Counts(matched, complete ? Known.COUNTED : Known.AT_LEAST, tableRows);
        }

        RunProgress.Beginning beginning(ArmedPolicy armed, Mode mode, boolean fresh, String terms) {
            return new RunProgress.Beginning(
                    matched,
                    choice,
                    first,
                    canary && mode == Mode.ENFORCE && fresh && matched > 0,
                    armed.policy().retention().toString(),
                    RunHistoryRepository.filter(armed.policy()),
                    terms);
        }
    }

    /** What the breakers said; without a trip the run has begun, if it is still ours. */
    private record Asked(List<Trip> trips, RunProgress.Beginning beginning, boolean ours) {
        /** All that an approval would confirm: that there are too many rows may come of a retention that is shorter. */
        String detail() {
            return trips.stream().map(Trip::detail).distinct().collect(Collectors.joining("; "));
        }
    }

    Entrance.Outcome ask(Claimed run, ArmedPolicy armed, Instant cutoff) {
        Statements statements = new Statements(armed, cutoff);
        // Another owner of a shadow run has counted, and told nobody: it is done anew.
        if (run.breakerPassed() && run.mode() == Mode.ENFORCE) {
            return goOn(run, armed, statements);
        }
        long approved = run.approvedMaxRows() == null ? 0 : run.approvedMaxRows();
        Found found = armed.policy().action().is(Action.Kind.DROP_PARTITIONS)
                ? inPartitions(armed, cutoff)
                : inRows(armed, statements, approved);
        long matched = found.matched();
        Asked asked = transactions.runLazily("cleanup.breakers", session -> {
            List<String> exchanged = histories.exchanged(session, armed, policies, run.id());
            // Whoever said yes had looked at the columns that were there.
            boolean allowed = run.approvedMaxRows() != null && matched <= approved && exchanged.isEmpty();
            RunHistory history = histories
                    .history(session, armed, policies, Optional.of(run.id()))
                    .and(exchanged);
            List<Trip> trips = allowed ? List.of() : BreakerPolicy.trips(armed.policy(), found.counts(), history);
            RunProgress.Beginning beginning =
                    found.beginning(armed, run.mode(), history.fresh(), Terms.write(armed, policies));
            return new Asked(
                    trips,
                    beginning,
                    trips.isEmpty() ? begin(session, run, beginning) : progress.keepTerms(session, run, beginning));
        });
        if (!asked.ours()) {
            return new Entrance.Outcome.Fenced();
        }
        if (asked.trips().isEmpty()) {
            return new Entrance.Outcome.Entered(run, armed, statements, matched, null, asked.beginning());
        }
        BreakerPolicy.Verdict verdict = asked.trips().get(0).verdict();
        metrics.breakerTripped(run.policy(), verdict.wireName());
        return run.mode() == Mode.SHADOW
                ? new Entrance.Outcome.Entered(
                        run, armed, statements, matched, "enforced, this would need approval: " + asked.detail(), null)
                : new Entrance.Outcome.TurnedAway(new End(
                        RunState.NEEDS_APPROVAL,
                        StopReason.of(verdict),
                        asked.detail() + (approved > 0 ? "; " + approved + " rows were approved" : ""),
                        matched,
                        0,
                        Map.of()));
    }

    /** What has begun goes on by the columns that it began with, or not at all; another run asks. */
    private Entrance.Outcome goOn(Claimed run, ArmedPolicy armed, Statements statements) {
        List<String> exchanged = transactions.runLazily(
                "cleanup.go-on", session -> histories.exchanged(session, armed, policies, run.id()));
        return exchanged.isEmpty()
                ? new Entrance.Outcome.Entered(run, armed, statements, 0, null, null)
                : new Entrance.Outcome.TurnedAway(
                        End.of(RunState.FAILED, StopReason.TERMS_LOOSENED, String.join("; ", exchanged)));
    }

    private boolean begin(Session session, Claimed run, RunProgress.Beginning beginning) throws SQLException {
        boolean ours = progress.begin(session, run, beginning);
        if (ours && run.mode() == Mode.ENFORCE) {
            runs.supersede(session, run);
        }
        return ours;
    }

    private Found inRows(ArmedPolicy armed, Statements statements, long approved) {
        long limit = Math.max(armed.policy().limits().maxRows(), Math.min(approved, Long.MAX_VALUE - 1)) + 1;
        long tableRows = census.tableRows(armed);
        // The count is by far the longest of what a run does before its first row.
        Census.Processes processes =
                armed.policy().pace().niceOr(nice) == 0 ? Census.Processes.SEVERAL : Census.Processes.ONE;
        CompletableFuture<Long> counted = companion.begin(() -> census.count(statements, limit, tableRows, processes));
        StrategyPolicy.Shape shape = census.shape(armed, statements, tableRows);
        long matched = Companion.join(counted);
        StrategyPolicy.Choice choice = StrategyPolicy.choose(armed, shape, matched);
        return new Found(matched, matched < limit, shape.rows(), choice, first(armed, choice.blocks()), true);
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
        return new Found(survey.matched(), true, survey.tableRows(), survey.choice(), null, false);
    }
}
