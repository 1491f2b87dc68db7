package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunRepository;
import java.util.Optional;
import java.util.UUID;

/** Has the slots opened that are due, and carries runs one at a time. Being woken gives no right to work. */
final class Worker {

    private final Slots slots;
    private final Transactions transactions;
    private final RunRepository runs;
    private final Engine engine;
    private final Settings settings;

    /** Who this worker is, and how it behaves. */
    record Settings(UUID owner, CleanupConfig config, StopSignal stop) {}

    Worker(Slots slots, Transactions transactions, RunRepository runs, Engine engine, Settings settings) {
        this.slots = slots;
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
        openSlots();
        work();
    }

    void openSlots() {
        slots.open();
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
