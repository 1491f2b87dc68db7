package io.pgcaretaker.monitoring.history;

import io.pgcaretaker.monitoring.DisabledOrDatabaseAway;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.SituationRoom;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** Writes history down now and then. */
@Singleton
class HistorySchedule {

    private static final Logger LOG = Logger.getLogger(HistorySchedule.class);

    private final History history;
    private final SituationRoom room;

    HistorySchedule(DataSource database, MonitoringConfig config, SituationRoom room) {
        this.history = new History(database, config.history());
        this.room = room;
    }

    @Scheduled(
            every = "{caretaker.monitoring.history.interval}",
            delayed = "{caretaker.monitoring.history.interval}",
            skipExecutionIf = DisabledOrDatabaseAway.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tick() {
        try {
            History.Outcome done = history.run(room.now());
            if (done.tablesChanged() + done.dropped() > 0) {
                LOG.infof("history written tables-changed=%d dropped=%d", done.tablesChanged(), done.dropped());
            }
        } catch (SQLException e) {
            LOG.errorf(e, "history was not written, will be repeated sqlstate=%s", e.getSQLState());
        }
    }
}
