package io.pgcaretaker.monitoring;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.ScheduledExecution;
import jakarta.inject.Singleton;

/** For {@code @Scheduled(skipExecutionIf = …)}: with {@code MONITORING_ENABLED=false} no timer of this service works. */
@Singleton
public class Disabled implements Scheduled.SkipPredicate {

    private final boolean enabled;

    Disabled(MonitoringConfig config) {
        this.enabled = config.enabled();
    }

    @Override
    public boolean test(ScheduledExecution execution) {
        return !enabled;
    }
}
