package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Statements;
import io.pgcaretaker.startup.DatabaseFirstReached;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jboss.logging.Logger;

/** Measures how far behind each policy is: the age of its oldest overdue row. */
@ApplicationScoped
class LagSchedule {

    private static final Logger LOG = Logger.getLogger(LagSchedule.class);

    private final Policies policies;
    private final Preflight preflight;
    private final Census census;
    private final PartitionCensus partitions;
    private final CleanupMetrics metrics;
    private final Clock clock;

    LagSchedule(
            Policies policies,
            Preflight preflight,
            Census census,
            PartitionCensus partitions,
            CleanupMetrics metrics,
            Clock clock) {
        this.policies = policies;
        this.preflight = preflight;
        this.census = census;
        this.partitions = partitions;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Until the timer's first tick nothing would be wrong. */
    void measureFirst(@ObservesAsync DatabaseFirstReached event) {
        measure();
    }

    @Scheduled(
            every = "{caretaker.cleanup.lag-interval}",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void measure() {
        for (RetentionPolicy policy : policies.all()) {
            metrics.policyInterval(policy.name(), policy.rhythm().every());
            try {
                measure(policy);
            } catch (DatabaseFailure e) {
                // What it was the last time would look like an answer.
                metrics.retentionLag(policy.name(), null);
                LOG.warnf(e, "retention lag not measured policy=%s", policy.name());
            }
        }
    }

    private void measure(RetentionPolicy policy) {
        Readiness readiness = preflight.check(policy);
        metrics.policyArmed(policy.name(), readiness.word());
        if (readiness instanceof Readiness.Armed armed) {
            measure(armed.policy());
        } else {
            metrics.retentionLag(policy.name(), readiness instanceof Readiness.NotApplicable ? Duration.ZERO : null);
        }
    }

    private void measure(ArmedPolicy armed) {
        // A gauge: this process's clock is near enough, and nothing is deleted by it.
        Instant cutoff = armed.policy()
                .retention()
                .cutoff(clock.instant().atZone(ZoneOffset.UTC))
                .toInstant();
        Instant oldest = (armed.policy().action().is(Action.Kind.DROP_PARTITIONS)
                        ? partitions.oldestOverdue(armed, cutoff)
                        : census.oldestOverdue(new Statements(armed, cutoff)))
                .orElse(null);
        metrics.retentionLag(armed.policy().name(), oldest == null ? Duration.ZERO : Duration.between(oldest, cutoff));
    }
}
