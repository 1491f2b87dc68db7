package io.pgcaretaker.monitoring.alert;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.pgcaretaker.database.RepeatedFailure;
import io.pgcaretaker.monitoring.DisabledOrDatabaseAway;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.inject.Singleton;
import java.net.URI;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Optional;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** Tells others of incidents, when somebody is to be told. */
@Singleton
class OutgoingSchedule {

    private static final Logger LOG = Logger.getLogger(OutgoingSchedule.class);

    private final RepeatedFailure notSent = new RepeatedFailure(LOG, "alerts were not sent");
    private final RepeatedFailure notCalled = new RepeatedFailure(LOG, "webhook was not called");
    private final Outgoing outgoing;
    private final Optional<URI> alertmanager;
    private final Optional<URI> webhook;

    OutgoingSchedule(
            DataSource database, ObjectMapper json, Clock clock, MonitoringConfig config, MeterRegistry meters) {
        Outgoing.Clients clients = Outgoing.Clients.of(Outgoing.DEADLINE, meters);
        this.outgoing = new Outgoing(database, json, clock, config.publicUrl(), clients);
        this.alertmanager = config.alerts().alertmanagerUrl();
        this.webhook = config.alerts().webhookUrl();
        alertmanager.ifPresent(url -> clients.alertmanager().countFromNow());
        webhook.ifPresent(url -> clients.webhook().countFromNow());
    }

    @Scheduled(
            every = "{caretaker.monitoring.alerts.resend-interval}",
            skipExecutionIf = DisabledOrDatabaseAway.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void alertmanager() {
        try {
            if (alertmanager.isPresent()) {
                outgoing.toAlertmanager(alertmanager.get());
                notSent.isOver();
            }
        } catch (SQLException e) {
            notSent.happened(e);
        }
    }

    @Scheduled(
            every = "{caretaker.monitoring.alerts.hand-over-interval}",
            skipExecutionIf = DisabledOrDatabaseAway.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void webhook() {
        try {
            if (webhook.isPresent()) {
                outgoing.toWebhook(webhook.get());
                notCalled.isOver();
            }
        } catch (SQLException e) {
            notCalled.happened(e);
        }
    }
}
