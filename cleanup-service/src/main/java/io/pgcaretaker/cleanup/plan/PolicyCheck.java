package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.cleanup.catalogue.PartitionRepository;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.ConfigValidationException.Problem;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Looks at every policy at the start. One that names a wrong column ends the service with a sentence; when the database
 * cannot be reached yet, it blocks the policy later instead.
 */
@ApplicationScoped
class PolicyCheck {

    private static final Logger LOG = Logger.getLogger(PolicyCheck.class);

    private final DatabaseGate gate;
    private final Policies policies;
    private final Preflight preflight;
    private final Transactions transactions;

    PolicyCheck(DatabaseGate gate, Policies policies, Preflight preflight, Transactions transactions) {
        this.gate = gate;
        this.policies = policies;
        this.preflight = preflight;
        this.transactions = transactions;
    }

    /** After the gate has looked (1). */
    void onStart(@Observes @Priority(2) StartupEvent event) {
        if (gate.isOpen()) {
            check();
        }
    }

    private void check() {
        List<Problem> problems = new ArrayList<>();
        for (RetentionPolicy policy : policies.all()) {
            Readiness readiness = preflight.check(policy);
            if (readiness instanceof Readiness.Misconfigured) {
                readiness
                        .reasons()
                        .forEach(reason -> problems.add(new Problem("policy '" + policy.name() + "': " + reason
                                + "; name another with caretaker.cleanup.policies.\"" + policy.name()
                                + "\".columns, or switch the policy off with .enabled=false")));
            } else if (readiness instanceof Readiness.Blocked) {
                LOG.warnf("policy blocked policy=%s reasons=%s", policy.name(), readiness.reasons());
            } else {
                LOG.infof(
                        "policy %s policy=%s mode=%s retention=%s",
                        readiness.word(), policy.name(), policy.mode().wireName(), policy.retention());
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigValidationException(problems.toArray(Problem[]::new));
        }
        tellLeftDetached();
    }

    /** A policy that was taken out, renamed or put into shadow mode between the detach and the drop of a partition. */
    private void tellLeftDetached() {
        transactions
                .run(
                        "cleanup.partitions-left",
                        session -> new PartitionRepository().leftDetached(session, PartitionCensus.dropping(policies)))
                .forEach(left -> LOG.warnf(
                        "partition was detached and its policy is gone, or in shadow mode, and nobody sees its rows"
                                + " policy=%s partition=%s; bring the policy back, or run: %s",
                        left.policy(), left.partition(), left.attach()));
    }
}
