package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.database.RepeatedFailure;
import io.pgcaretaker.startup.DatabaseFirstReached;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Tells Prometheus how the last run of each policy ended. From the database: a counter begins with the run that it should tell
 * of, in one of several replicas, and is gone with its process.
 */
@ApplicationScoped
class LastRunSchedule {

    private static final Logger LOG = Logger.getLogger(LastRunSchedule.class);

    private final RepeatedFailure notLooked = new RepeatedFailure(LOG, "how the last runs ended was not looked up");
    private final Policies policies;
    private final Transactions transactions;
    private final CleanupMetrics metrics;

    LastRunSchedule(Policies policies, Transactions transactions, CleanupMetrics metrics) {
        this.policies = policies;
        this.transactions = transactions;
        this.metrics = metrics;
    }

    /** Until the timer's first tick no run would have failed. */
    void lookFirst(@ObservesAsync DatabaseFirstReached event) {
        look();
    }

    @Scheduled(
            every = "{caretaker.cleanup.lag-interval}",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void look() {
        try {
            Map<String, String> ended = ended();
            policies.all().forEach(policy -> metrics.lastRun(policy.name(), ended.getOrDefault(policy.name(), "")));
            notLooked.isOver();
        } catch (DatabaseFailure e) {
            notLooked.happened(e.sqlState(), e);
        }
    }

    /** A run that is tried again, or was cancelled by somebody, says nothing of the policy's health. */
    private Map<String, String> ended() {
        List<String> names = policies.all().stream().map(RetentionPolicy::name).toList();
        return transactions.run("cleanup.last-runs-ended", session -> {
            Map<String, String> states = new HashMap<>();
            session.query(Sql.of("""
                            /* caretaker.cleanup.last-runs-ended */
                            select named.policy, r.state
                            from unnest(cast(? as text[])) as named (policy)
                            cross join lateral (
                              select state
                              from caretaker.cleanup_run
                              where policy = named.policy
                                and state in ('completed', 'failed', 'refused', 'needs-approval')
                              order by created_at desc
                              limit 1) r
                            """, names), row -> states.put(row.getString("policy"), row.getString("state")));
            return states;
        });
    }
}
