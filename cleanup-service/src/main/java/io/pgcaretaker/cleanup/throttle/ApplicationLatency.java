package io.pgcaretaker.cleanup.throttle;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.throttle.MonitoringApi.Latency;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What monitoring-service last said of the application's statements. Asked for on a clock of its own, so that no batch
 * ever waits for it; an answer that is too old says nothing.
 */
public final class ApplicationLatency {

    /** Some answers that did not come. */
    private static final Duration PRESENT = Duration.ofSeconds(30);

    private final CleanupConfig.ThrottleSettings settings;
    private final LongSupplier nanos;
    private volatile @Nullable Known known;

    /** Either what it said, or why it said nothing. */
    private record Known(@Nullable Latency latency, String why, long at) {}

    /** @param nanos counts on whatever is done to the clock */
    public ApplicationLatency(CleanupConfig.ThrottleSettings settings, LongSupplier nanos) {
        this.settings = settings;
        this.nanos = nanos;
    }

    boolean isWatched() {
        return settings.applicationLatency() == CleanupConfig.Watch.WATCH;
    }

    /** True when what is known has become another thing, so that it is told once. */
    boolean answered(Latency latency) {
        return known(latency.available() ? latency : null, latency.available() ? "" : latency.reasons());
    }

    boolean silent(String why) {
        return known(null, why);
    }

    private boolean known(@Nullable Latency latency, String why) {
        Known before = known;
        known = new Known(latency, why, nanos.getAsLong());
        return before == null || !before.why().equals(why);
    }

    /** Empty: nothing is known, and nobody rests for it. */
    Optional<Latency> present() {
        Known last = known;
        return last == null || !isWatched() || nanos.getAsLong() - last.at() > PRESENT.toNanos()
                ? Optional.empty()
                : Optional.ofNullable(last.latency());
    }

    /** For people: whether it is watched, and if not why. */
    public Map<String, Object> status() {
        Map<String, Object> status = new LinkedHashMap<>();
        Optional<Latency> present = present();
        if (present.isPresent()) {
            status.put("state", "watched");
            present.get().numbers().forEach(status::put);
        } else if (!isWatched()) {
            status.put("state", "ignored");
        } else {
            Known last = known;
            status.put("state", "unknown");
            status.put("reason", last == null || last.why().isEmpty() ? "not asked yet" : last.why());
        }
        return status;
    }
}
