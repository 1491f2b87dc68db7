package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.removal.Removal;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Cursor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Two neighbouring windows at once, each in a transaction of its own, where a run does not rest and rows have nothing to do
 * with each other. They commit in their order, so that cursor and ledger are what they are with one window after the other:
 * the second takes its rows, waits until the first has committed, and moves the cursor only from where that one left it. Whatever is wrong with
 * the first, or with what the second finds then, rolls the second back; its window is the next one's.
 */
final class SideBySide {

    private static final Logger LOG = Logger.getLogger(SideBySide.class);

    /** Smaller ones are over before a second session has begun. */
    private static final int SMALLEST = 8;

    /** Windows at most for what is left: a small one at the end takes longer to begin than to run. */
    private static final double REST = 2.5;

    /** Batches that go alone after a second one that did not come through: what was in its way may be in the way still. */
    private static final int ALONE = 8;

    private final Batches around;
    private final Claimed run;
    private final ArmedPolicy armed;
    private final Removal removal;
    private final boolean possible;
    private volatile int alone;

    /** What both did; the second is absent when there was none, or none that committed. */
    record Outcome(Timed<BatchOutcome> first, Optional<Timed<BatchOutcome.Done>> second) {}

    /** What a transaction did, and how long it was open. */
    record Timed<T>(T outcome, Duration took) {
        static Timed<BatchOutcome> of(Supplier<BatchOutcome> transaction) {
            long start = System.nanoTime();
            BatchOutcome outcome = transaction.get();
            return new Timed<>(outcome, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    SideBySide(Batches around, Claimed run, ArmedPolicy armed, Removal removal) {
        this.around = around;
        this.run = run;
        this.armed = armed;
        this.removal = removal;
        this.possible = armed.policy().pace().niceOr(around.config().nice()) == 0
                && around.config().windowsAtOnce() > 1
                && !armed.goesByKey()
                && !armed.isPartitioned()
                && armed.unset().isEmpty()
                && triggers(armed).isEmpty();
    }

    /** They may do anything, such as write a row that both windows would. */
    private static List<String> triggers(ArmedPolicy armed) {
        return armed.policy().action().is(Action.Kind.ANONYMISE)
                ? armed.table().updateTriggers()
                : armed.table().deleteTriggers();
    }

    /** Has the second session ready when it is first needed: to connect takes as long as many a window. */
    void prepare(@Nullable Cursor at) {
        if (behind(at, SMALLEST).isPresent()) {
            around.companion().start(this::connect);
        }
    }

    private void connect() {
        try {
            around.batch().look(run, armed);
        } catch (DatabaseFailure e) {
            // The window that needs it finds the same, and says so.
            LOG.debugf(e, "second session not ready policy=%s run=%s", run.policy(), run.id());
        }
    }

    /**
     * How large the next window is: what is left is shared, and a rest that is a quarter of a window goes along.
     *
     * @param at where it begins; absent: not known
     */
    int share(@Nullable Cursor at, int units) {
        if (alone > 0 || !possible || !(at instanceof Cursor.Block block) || block.leaf() != null) {
            return units;
        }
        long left = block.end() - block.next();
        boolean last = left <= REST * units;
        return left >= 2L * SMALLEST && last ? (int) ((left + 1) / 2) : units;
    }

    /** Takes the window at {@code at} by {@code first}, and the one behind it where that can be. */
    Outcome take(@Nullable Cursor at, int units, Supplier<BatchOutcome> first) {
        Optional<Cursor.Block> behind = behind(at, units);
        if (behind.isEmpty()) {
            alone = Math.max(0, alone - 1);
            return new Outcome(Timed.of(first), Optional.empty());
        }
        CompletableFuture<Optional<Claimed.Position>> turn = new CompletableFuture<>();
        CompletableFuture<Optional<Timed<BatchOutcome.Done>>> second = around.companion()
                .begin(() -> Timed.of(() -> around.batch().runBehind(run, armed, removal, behind.get(), units, turn)))
                .handle(this::committed);
        Timed<BatchOutcome> done;
        try {
            done = Timed.of(first);
            turn.complete(
                    done.outcome() instanceof BatchOutcome.Done batch ? Optional.of(batch.after()) : Optional.empty());
        } finally {
            turn.complete(Optional.empty());
            // The run goes on only when neither transaction is open any more.
            second.join();
        }
        return new Outcome(done, second.join());
    }

    private Optional<Cursor.Block> behind(@Nullable Cursor at, int units) {
        if (alone > 0
                || !possible
                || !(at instanceof Cursor.Block block)
                || block.leaf() != null
                || block.next() + units >= block.end()) {
            return Optional.empty();
        }
        return Optional.of(new Cursor.Block(block.next() + units, block.end()));
    }

    /** Where it did not commit, the next batch is about its window, and tells what is in its way. */
    private Optional<Timed<BatchOutcome.Done>> committed(
            @Nullable Timed<BatchOutcome> second, @Nullable Throwable failure) {
        if (second != null && second.outcome() instanceof BatchOutcome.Done done) {
            return Optional.of(new Timed<>(done, second.took()));
        }
        alone = ALONE;
        LOG.debugf("second window not taken policy=%s run=%s failure=%s", run.policy(), run.id(), failure);
        return Optional.empty();
    }
}
