package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.cleanup.breaker.BreakerPolicy;
import io.pgcaretaker.cleanup.breaker.ClockPolicy;
import io.pgcaretaker.cleanup.breaker.RunHistory;
import io.pgcaretaker.cleanup.breaker.RunHistoryRepository;
import io.pgcaretaker.cleanup.breaker.RunTimes;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.Notice;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Statements;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the plan of a run without doing anything: the same pre-flight, predicate and breaker as the run's. */
final class Planner {

    private final Policies policies;
    private final Transactions transactions;
    private final Preflight preflight;
    private final Census census;
    private final PartitionCensus partitions;
    private final Costs costs;
    private final RunHistoryRepository histories = new RunHistoryRepository();
    private final CatalogueRepository catalogue = new CatalogueRepository();
    private final Duration maxClockSkew;
    private final Clock clock;

    Planner(
            Policies policies,
            Transactions transactions,
            Preflight preflight,
            Census census,
            Duration maxClockSkew,
            Clock clock) {
        this.policies = policies;
        this.transactions = transactions;
        this.preflight = preflight;
        this.census = census;
        this.partitions = new PartitionCensus(transactions, census);
        this.costs = new Costs(transactions);
        this.maxClockSkew = maxClockSkew;
        this.clock = clock;
    }

    Plan plan(RetentionPolicy policy) {
        Readiness readiness = preflight.check(policy);
        if (!(readiness instanceof Readiness.Armed armed)) {
            return new Plan(
                    policy.name(),
                    policy.mode().wireName(),
                    readiness.word(),
                    readiness.reasons(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    List.of(),
                    null,
                    null);
        }
        return plan(armed.policy(), cutoff(policy));
    }

    private Instant cutoff(RetentionPolicy policy) {
        return policy.retention().cutoff(now().atZone(ZoneOffset.UTC)).toInstant();
    }

    private Instant now() {
        return transactions.run("cleanup.clock", Session::now);
    }

    private Plan plan(ArmedPolicy armed, Instant cutoff) {
        RetentionPolicy policy = armed.policy();
        Statements statements = new Statements(armed, cutoff);
        Found found = policy.action().is(Action.Kind.DROP_PARTITIONS)
                ? inPartitions(armed, cutoff)
                : inRows(armed, statements);
        Census.Summary summary = found.summary();
        long tableRows = found.tableRows();
        StrategyPolicy.Choice choice = found.choice();
        return new Plan(
                policy.name(),
                policy.mode().wireName(),
                "armed",
                List.of(),
                armed.table().name().toString(),
                cutoff,
                summary.rows(),
                !summary.complete(),
                found.estimated(),
                summary.oldest(),
                summary.newest(),
                tableRows,
                choice.strategy().wireName(),
                choice.reason(),
                found.estimate(),
                dependents(armed, statements),
                breaker(armed, cutoff, found),
                notices(armed));
    }

    /** As a run by its schedule would ask them. */
    private Plan.Breaker breaker(ArmedPolicy armed, Instant cutoff, Found found) {
        RetentionPolicy policy = armed.policy();
        RunTimes times = transactions.run(
                "cleanup.plan-times",
                session -> histories.times(session, policy.name(), policy.mode(), Optional.empty()));
        RunHistory history = transactions.run(
                "cleanup.plan-history", session -> histories.history(session, armed, policies, Optional.empty()));
        List<BreakerPolicy.Trip> trips = new ArrayList<>();
        ClockPolicy.trip(times, clock.instant(), maxClockSkew, cutoff, policy.every())
                .ifPresent(trips::add);
        trips.addAll(BreakerPolicy.trips(policy, found.counts(), history));
        return new Plan.Breaker(
                trips.isEmpty() ? "pass" : trips.get(0).verdict().wireName(),
                trips.stream()
                        .map(trip -> new Plan.BreakerTrip(trip.verdict().wireName(), trip.detail()))
                        .toList(),
                policy.limits().maxRows(),
                policy.limits().maxFraction());
    }

    private Plan.@Nullable Notices notices(ArmedPolicy armed) {
        RetentionPolicy policy = armed.policy();
        Notice notice = policy.notice();
        if (notice == null || !policy.givesNotice()) {
            return null;
        }
        Instant until = notice.before().end(now());
        Instant cutoff = policy.retention().cutoff(until.atZone(ZoneOffset.UTC)).toInstant();
        return new Plan.Notices(
                notice.before().toString(),
                untold(armed, cutoff),
                transactions.run("cleanup.plan-notices", session -> NoticeCensus.open(session, policy.name())));
    }

    private @Nullable Long untold(ArmedPolicy armed, Instant cutoff) {
        try {
            return transactions.run("cleanup.plan-untold", session -> NoticeCensus.untold(session, armed, cutoff));
        } catch (DatabaseFailure e) {
            if (e.asksForLess()) {
                return null;
            }
            throw e;
        }
    }

    /** What would go, and how. */
    private record Found(
            Census.Summary summary,
            @Nullable Long estimated,
            long tableRows,
            StrategyPolicy.Choice choice,
            Plan.Estimate estimate) {
        /** As far as is known. */
        long matched() {
            return estimated == null ? summary.rows() : Math.max(summary.rows(), estimated);
        }

        BreakerPolicy.Counts counts() {
            return new BreakerPolicy.Counts(
                    matched(),
                    estimated == null ? BreakerPolicy.Known.COUNTED : BreakerPolicy.Known.ESTIMATED,
                    tableRows);
        }
    }

    private Found inRows(ArmedPolicy armed, Statements statements) {
        // Beyond the breaker's limit, too: who is to set or to approve one asks how many there are.
        Census.Summary summary = census.quickSummary(statements);
        Long estimated = summary.complete() ? null : census.estimate(statements);
        long matched = estimated == null ? summary.rows() : Math.max(summary.rows(), estimated);
        long tableRows = census.tableRows(armed);
        return new Found(
                summary,
                estimated,
                tableRows,
                StrategyPolicy.choose(armed, census.shape(armed, statements, tableRows), matched),
                costs.estimate(armed, matched, tableRows));
    }

    private Found inPartitions(ArmedPolicy armed, Instant cutoff) {
        PartitionCensus.Survey survey = partitions.survey(armed, cutoff);
        return new Found(
                new Census.Summary(
                        survey.matched(), true, partitions.oldest(armed, cutoff).orElse(null), null),
                null,
                survey.tableRows(),
                new StrategyPolicy.Choice(
                        Strategy.PARTITIONS, survey.reason() + partitions.leftByDefault(armed, cutoff)),
                survey.estimate());
    }

    /** Their rows stay, and name ones that are gone: whoever made such a key may not know. */
    private List<TableName> notEnforced(ArmedPolicy armed) {
        List<Long> tables = Stream.concat(
                        Stream.of(armed.table().oid()),
                        armed.dependents().stream()
                                .map(dependent -> dependent.table().oid()))
                .distinct()
                .toList();
        return policyDeletes(armed)
                ? transactions.run("cleanup.plan-not-enforced", session -> catalogue.notEnforced(session, tables))
                : List.of();
    }

    private static boolean policyDeletes(ArmedPolicy armed) {
        return !armed.policy().action().is(Action.Kind.ANONYMISE);
    }

    private List<Plan.DependentRows> dependents(ArmedPolicy armed, Statements statements) {
        List<Plan.DependentRows> dependents = new ArrayList<>();
        census.quickDependents(armed, statements)
                .forEach((table, rows) -> dependents.add(new Plan.DependentRows(table, rows.orElse(null), "delete")));
        for (ForeignKey key : armed.unset()) {
            dependents.add(new Plan.DependentRows(
                    key.child().toString(),
                    null,
                    key.onDelete().name().toLowerCase(Locale.ROOT).replace('_', ' ')));
        }
        notEnforced(armed)
                .forEach(table -> dependents.add(new Plan.DependentRows(table.toString(), null, "not enforced")));
        return dependents;
    }
}
