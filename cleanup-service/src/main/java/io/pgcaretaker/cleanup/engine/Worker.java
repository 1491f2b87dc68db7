package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.Readiness;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunOpening;
import io.pgcaretaker.cleanup.run.RunRepository;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Opens the slots that are due, and carries runs one after the other. Being woken gives no right to work. */
final class Worker {

    /** How long a policy without a table is left alone before the catalogue is looked at again. */
    private static final Duration NOT_APPLICABLE_FOR = Duration.ofMinutes(1);

    private final Policies policies;
    private final FreshPreflight preflight;
    private final Transactions transactions;
    private final RunOpening opening = new RunOpening();
    private final RunRepository runs;
    private final Engine engine;
    private final Settings settings;

    private final Map<String, Instant> notApplicableUntil = new HashMap<>();

    /** Who this worker is, and how it behaves. */
    record Settings(UUID owner, CleanupConfig config, Clock clock, StopSignal stop) {}

    Worker(
            Policies policies,
            FreshPreflight preflight,
            Transactions transactions,
            RunRepository runs,
            Engine engine,
            Settings settings) {
        this.policies = policies;
        this.preflight = preflight;
        this.transactions = transactions;
        this.runs = runs;
        this.engine = engine;
        this.settings = settings;
    }

    Engine engine() {
        return engine;
    }

    /** Opens what is due and works until nothing waits. */
    void tick() {
        transactions.run("cleanup.replay-abandoned", session -> {
            Replay.endAbandoned(session);
            return true;
        });
        openSlots();
        work();
    }

    void openSlots() {
        for (RetentionPolicy policy : policies.all()) {
            if (isLeftAlone(policy)
                    || !transactions.run("cleanup.run-due", session -> opening.isDue(session, policy))) {
                continue;
            }
            if (preflight.forSlot(policy) instanceof Readiness.NotApplicable) {
                notApplicableUntil.put(policy.name(), settings.clock().instant().plus(NOT_APPLICABLE_FOR));
                continue;
            }
            transactions.run("cleanup.run-open", session -> opening.openSlot(session, policy));
        }
    }

    private boolean isLeftAlone(RetentionPolicy policy) {
        Instant until = notApplicableUntil.get(policy.name());
        return until != null && settings.clock().instant().isBefore(until);
    }

    void work() {
        while (!settings.stop().isSet()) {
            Optional<Claimed> claimed = transactions.runLazily(
                    "cleanup.claim",
                    session -> runs.claim(
                            session, settings.owner(), settings.config().lease()));
            if (claimed.isEmpty()) {
                return;
            }
            transactions.inOneSession(() -> engine.execute(claimed.get()));
        }
    }
}
