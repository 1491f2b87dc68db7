package io.pgcaretaker.cleanup.throttle;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.throttle.MonitoringApi.Compared;
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
        /** The application's statements take much longer than they usually do, or than they may. */
        APPLICATION_LATENCY,
        AUTOVACUUM,
        LOCK_QUEUE,
        BUDGET;

        /** It is about the run's own table: runs on other tables need not rest. */
        public boolean isOfTheTable() {
            return this == AUTOVACUUM || this == LOCK_QUEUE;
        }

        public String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Fewer statements than this say nothing about how the application fares. */
    private static final long FEW_CALLS = 20;

    /** Whoever usually takes a tenth of a millisecond may take three; nobody feels it. */
    private static final double FELT_MILLIS = 1;

    private ThrottlePolicy() {}

    public static Optional<Reason> decide(
            CleanupConfig.ThrottleSettings settings, Signals signals, ApplicationLatency application) {
        if (signals.standbys() > 0
                && signals.replayBytes() == null
                && settings.unknownLag() == CleanupConfig.UnknownLag.REST) {
            // Unknown is not none. Whoever wants to run all the same says so, and means this reason alone.
            return Optional.of(Reason.REPLICA_LAG_UNKNOWN);
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
        if (application.present().filter(latency -> isSlow(settings, latency)).isPresent()) {
            return Optional.of(Reason.APPLICATION_LATENCY);
        }
        if (signals.autovacuum()) {
            return Optional.of(Reason.AUTOVACUUM);
        }
        return signals.waiting() > 0 ? Optional.of(Reason.LOCK_QUEUE) : Optional.empty();
    }

    private static boolean isSlow(CleanupConfig.ThrottleSettings settings, MonitoringApi.Latency latency) {
        Compared compared = latency.compared();
        if (compared != null
                && compared.calls() >= FEW_CALLS
                && compared.meanMs() > settings.applicationSlowdown() * compared.usualMs()
                && compared.meanMs() - compared.usualMs() >= FELT_MILLIS) {
            return true;
        }
        Long calls = latency.calls();
        Double mean = latency.meanMs();
        return calls != null
                && calls >= FEW_CALLS
                && mean != null
                && settings.applicationMean().isPresent()
                && mean > settings.applicationMean().get().toNanos() / 1e6;
    }

    private static boolean exceeds(@Nullable Long value, long limit) {
        return value != null && value > limit;
    }
}
