package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.preflight.Readiness;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The pre-flight of one worker: a run that follows its slot at once goes by the one that opened the slot. A change of the
 * catalogue in between is the same to it as one in its first seconds. Each is used once.
 */
final class FreshPreflight {

    private static final Duration FRESH = Duration.ofSeconds(5);

    private final Preflight preflight;
    private final LongSupplier nanoTime;
    private final Map<String, Checked> checked = new HashMap<>();

    private record Checked(RetentionPolicy policy, Readiness readiness, long at) {}

    FreshPreflight(Preflight preflight, LongSupplier nanoTime) {
        this.preflight = preflight;
        this.nanoTime = nanoTime;
    }

    /** Looks at the catalogue, for a slot. */
    Readiness forSlot(RetentionPolicy policy) {
        long now = nanoTime.getAsLong();
        Readiness readiness = preflight.check(policy);
        checked.put(policy.name(), new Checked(policy, readiness, now));
        return readiness;
    }

    /**
     * What the slot's look said, if that was just now; else looks again. What stood in the way may have gone.
     *
     * @throws io.pgcaretaker.cleanup.database.DatabaseFailure by a lock timeout
     */
    Readiness forRun(RetentionPolicy policy) {
        @Nullable Checked last = checked.remove(policy.name());
        return last != null
                        && last.policy().equals(policy)
                        && last.readiness() instanceof Readiness.Armed
                        && nanoTime.getAsLong() - last.at() < FRESH.toNanos()
                ? last.readiness()
                : preflight.checkNow(policy);
    }
}
