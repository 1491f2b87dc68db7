package io.pgcaretaker.monitoring.history;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.monitoring.DisabledOrDatabaseAway;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.ReportPeriod;
import io.pgcaretaker.outbox.MailOutbox;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** Looks whether a report is due. */
@Singleton
class ReportSchedule {

    private static final Logger LOG = Logger.getLogger(ReportSchedule.class);

    private final Reports reports;
    private final List<ReportPeriod> periods;
    private final int hour;
    private final Clock clock;

    ReportSchedule(
            DataSource database,
            Digests digests,
            MailOutbox outbox,
            ObjectMapper json,
            Clock clock,
            MonitoringConfig config) {
        MonitoringConfig.Reports wanted = config.reports();
        List<String> recipients = wanted.recipients()
                .orElseGet(() -> config.alertEmail().map(List::of).orElse(List.of()));
        this.reports = new Reports(database, digests, outbox, json, recipients);
        this.periods = wanted.periods().orElse(List.of());
        this.hour = wanted.hour();
        this.clock = clock;
    }

    @Scheduled(
            every = "{caretaker.monitoring.history.interval}",
            delayed = "{caretaker.monitoring.history.interval}",
            skipExecutionIf = DisabledOrDatabaseAway.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tick() {
        for (ReportPeriod period : periods) {
            try {
                if (reports.mailIfDue(period, hour, clock.instant())) {
                    LOG.infof("report is on its way period=%s", period.word());
                }
            } catch (SQLException e) {
                LOG.errorf(
                        e,
                        "report was not made, will be repeated period=%s sqlstate=%s",
                        period.word(),
                        e.getSQLState());
            }
        }
    }
}
