package io.pgcaretaker.monitoring.security;

import io.pgcaretaker.monitoring.DisabledOrDatabaseAway;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.startup.DatabaseFirstReached;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Clock;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** Keeps the events' tables in order. If it cannot, the default partition takes the events and nothing is refused. */
@Singleton
class SecuritySchedule {

    private static final Logger LOG = Logger.getLogger(SecuritySchedule.class);

    private final Upkeep upkeep;
    private final Clock clock;
    private final boolean enabled;

    SecuritySchedule(DataSource database, MonitoringConfig config, Clock clock) {
        this.upkeep = new Upkeep(database, config.security().retention());
        this.clock = clock;
        this.enabled = config.enabled();
    }

    /** A month's first events may come before the timer's first tick. */
    void first(@ObservesAsync DatabaseFirstReached event) {
        if (enabled) {
            tick();
        }
    }

    @Scheduled(
            every = "{caretaker.monitoring.security.upkeep-interval}",
            skipExecutionIf = DisabledOrDatabaseAway.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tick() {
        try {
            Upkeep.Outcome done = upkeep.run(clock.instant());
            if (done.created() + done.dropped() + done.deleted() > 0) {
                LOG.infof(
                        "security events kept in order created=%d dropped=%d deleted=%d",
                        done.created(), done.dropped(), done.deleted());
            }
        } catch (SQLException e) {
            LOG.errorf(e, "partitions were not looked after, will be repeated sqlstate=%s", e.getSQLState());
        }
    }
}
