package io.pgcaretaker.monitoring.collect;

import io.pgcaretaker.monitoring.MonitoringConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** With monitoring switched off: one look for whoever asks, and no more often than the timer would have looked. */
@ApplicationScoped
public class LookOnRequest {

    private final Collection.Lanes lanes;
    private final Clock clock;
    private final Duration pause;
    private @Nullable Instant last;

    LookOnRequest(Collection.Lanes lanes, Clock clock, MonitoringConfig config) {
        this.lanes = lanes;
        this.clock = clock;
        this.pause = config.collect().fastInterval();
    }

    /** Callers at the same time share one look. */
    public synchronized void look() {
        Instant now = clock.instant();
        if (last == null || !now.isBefore(last.plus(pause))) {
            last = now;
            lanes.fast();
        }
    }
}
