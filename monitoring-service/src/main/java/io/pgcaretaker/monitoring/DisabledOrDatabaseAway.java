package io.pgcaretaker.monitoring;

import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.ScheduledExecution;
import jakarta.inject.Singleton;

/** For timers that write: not when monitoring is off, and not while the database cannot be reached. */
@Singleton
public class DisabledOrDatabaseAway implements Scheduled.SkipPredicate {

    private final boolean enabled;
    private final DatabaseGate gate;

    DisabledOrDatabaseAway(MonitoringConfig config, DatabaseGate gate) {
        this.enabled = config.enabled();
        this.gate = gate;
    }

    @Override
    public boolean test(ScheduledExecution execution) {
        return !enabled || !gate.isOpen();
    }
}
