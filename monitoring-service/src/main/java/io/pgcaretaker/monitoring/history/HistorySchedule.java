package io.pgcaretaker.monitoring.history;

import io.pgcaretaker.monitoring.DisabledOrDatabaseAway;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.SituationRoom;
import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Writes history down now and then. */
@Singleton
class HistorySchedule {

    private static final Logger LOG = Logger.getLogger(HistorySchedule.class);

    /** The collector that has looked when all have. */
    private static final String SLOWEST = "largest_tables";

    private static final Set<CollectOutcome> NOT_SEEN = Set.of(CollectOutcome.PENDING, CollectOutcome.NO_CONNECTION);

    private final History history;
    private final SituationRoom room;
    private final Duration interval;
    private @Nullable Instant last;

    HistorySchedule(DataSource database, MonitoringConfig config, SituationRoom room) {
        this.history = new History(database, config.history());
        this.room = room;
        this.interval = config.history().interval();
    }

    /** First when there is something to write: who has just begun is shown the schema at once, not after the interval. */
    private boolean isDue(Situation situation) {
        return last == null
                ? !NOT_SEEN.contains(situation.reading(SLOWEST).outcome())
                : !situation.now().isBefore(last.plus(interval));
    }

    @Scheduled(
            every = "1s",
            skipExecutionIf = DisabledOrDatabaseAway.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tick() {
        Situation situation = room.now();
        if (!isDue(situation)) {
            return;
        }
        last = situation.now();
        try {
            History.Outcome done = history.run(situation);
            if (done.tablesChanged() + done.dropped() > 0) {
                LOG.infof("history written tables-changed=%d dropped=%d", done.tablesChanged(), done.dropped());
            }
        } catch (SQLException e) {
            LOG.errorf(e, "history was not written, will be repeated sqlstate=%s", e.getSQLState());
        }
    }

    /** The next one writes at once, and not after twice the interval. */
    void end(@Observes ShutdownEvent end) {
        if (last == null) {
            return;
        }
        try {
            history.leave();
        } catch (SQLException e) {
            LOG.debugf(e, "the lease ends by itself");
        }
    }
}
