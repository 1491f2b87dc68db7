package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.cleanup.run.RunOpening;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Opens the slots that are due. */
final class Slots {

    /** How long a policy without a table is left alone before the catalogue is looked at again. */
    private static final Duration NOT_APPLICABLE_FOR = Duration.ofMinutes(1);

    private final Policies policies;
    private final FreshPreflight preflight;
    private final Transactions transactions;
    private final Clock clock;
    private final RunOpening opening = new RunOpening();

    private final Map<String, Instant> notApplicableUntil = new HashMap<>();

    Slots(Policies policies, FreshPreflight preflight, Transactions transactions, Clock clock) {
        this.policies = policies;
        this.preflight = preflight;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** A replay that was broken off would keep its policy from them: it is ended first. */
    void open() {
        transactions.run("cleanup.replay-abandoned", session -> {
            Replay.endAbandoned(session);
            return true;
        });
        for (RetentionPolicy policy : policies.all()) {
            if (isLeftAlone(policy)
                    || !transactions.run("cleanup.run-due", session -> opening.isDue(session, policy))) {
                continue;
            }
            if (preflight.forSlot(policy) instanceof Readiness.NotApplicable) {
                notApplicableUntil.put(policy.name(), clock.instant().plus(NOT_APPLICABLE_FOR));
                continue;
            }
            transactions.run("cleanup.run-open", session -> opening.openSlot(session, policy));
        }
    }

    private boolean isLeftAlone(RetentionPolicy policy) {
        Instant until = notApplicableUntil.get(policy.name());
        return until != null && clock.instant().isBefore(until);
    }
}
