package io.pgcaretaker.monitoring.latency;

import io.pgcaretaker.monitoring.DisabledOrDatabaseAway;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import javax.sql.DataSource;

/** Ends one window after the other. */
@Singleton
class LatencySchedule {

    private final LatencyMeter meter;

    LatencySchedule(LatencyMeter meter) {
        this.meter = meter;
    }

    @Scheduled(
            every = "{caretaker.monitoring.latency.window}",
            skipExecutionIf = DisabledOrDatabaseAway.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tick() {
        meter.look();
    }

    /** Where the last window is kept. */
    @Singleton
    static class Parts {
        @Produces
        @Singleton
        LatencyMeter meter(DataSource database, MonitoringConfig config, Clock clock) {
            return new LatencyMeter(database, config.latency().window(), clock);
        }
    }
}
