package io.pgcaretaker.cleanup.throttle;

import io.pgcaretaker.cleanup.CleanupConfig;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides whether the server should be left alone for now, and says why: the first reason that holds. */
public final class ThrottlePolicy {

    /** Why a run rests. The word is the same in the table, the answer and the metric. */
    public enum Reason {
        REPLICA_LAG,
        /** Standbys are there and their lag cannot be seen: the role lacks pg_monitor. */
        REPLICA_LAG_UNKNOWN,
        SLOT,
        ARCHIVER,
        AUTOVACUUM,
        LOCK_QUEUE,
        BUDGET;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private ThrottlePolicy() {}

    public static Optional<Reason> decide(CleanupConfig.ThrottleSettings settings, Signals signals) {
        if (signals.standbys() > 0 && signals.replayBytes() == null) {
            // Unknown is not none. Whoever wants to run all the same says so.
            return settings.unknownLag() == CleanupConfig.UnknownLag.REST
                    ? Optional.of(Reason.REPLICA_LAG_UNKNOWN)
                    : Optional.empty();
        }
        if (exceeds(signals.replayBytes(), settings.replicaLag().asLongValue())) {
            return Optional.of(Reason.REPLICA_LAG);
        }
        if (exceeds(signals.slotBytes(), settings.slotRetained().asLongValue())) {
            return Optional.of(Reason.SLOT);
        }
        if (signals.archiverFails() || signals.archiveBacklog() > settings.archiveBacklog()) {
            return Optional.of(Reason.ARCHIVER);
        }
        if (signals.autovacuum()) {
            return Optional.of(Reason.AUTOVACUUM);
        }
        return signals.waiting() > 0 ? Optional.of(Reason.LOCK_QUEUE) : Optional.empty();
    }

    private static boolean exceeds(@Nullable Long value, long limit) {
        return value != null && value > limit;
    }
}
