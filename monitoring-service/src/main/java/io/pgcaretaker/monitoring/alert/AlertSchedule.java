package io.pgcaretaker.monitoring.alert;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.pgcaretaker.database.RepeatedFailure;
import io.pgcaretaker.monitoring.DisabledOrDatabaseAway;
import io.pgcaretaker.monitoring.Limits;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.OperatorsFile;
import io.pgcaretaker.monitoring.SituationRoom;
import io.pgcaretaker.monitoring.Standby;
import io.pgcaretaker.monitoring.checks.Check;
import io.pgcaretaker.monitoring.collect.Catalogue;
import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.custom.CustomMetrics;
import io.pgcaretaker.outbox.EmailServiceClient;
import io.pgcaretaker.outbox.MailOutbox;
import io.pgcaretaker.startup.WrongSetting;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** Looks at the rules, and hands the mails on to email-service. */
@Singleton
@Startup(AlertSchedule.BEFORE_TIMERS)
class AlertSchedule {

    /**
     * Rules that cannot be read stop the start; found at the first look, they would mean no alerts and a service that runs.
     * Quarkus starts the timers at 0.
     */
    static final int BEFORE_TIMERS = -10;

    private static final Logger LOG = Logger.getLogger(AlertSchedule.class);

    /** A batch is handed over within the timer's interval even when each takes a while. */
    private static final int MAILS_A_ROUND = 20;

    /** After its handing over a mail is email-service's; its key is kept as long as anybody could repeat it. */
    private static final Duration MAILS_KEPT = Duration.ofDays(30);

    private static final int MAILS_TIDIED = 10_000;

    private final RepeatedFailure notEvaluated = new RepeatedFailure(LOG, "rules were not evaluated");
    private final RepeatedFailure notHandedOver = new RepeatedFailure(LOG, "mails were not handed over");
    private final Evaluation evaluation;
    private final SituationRoom room;
    private final MailOutbox outbox;
    private final Standby standby;
    private final IncidentRetention retention;
    private final MeterRegistry meters;

    AlertSchedule(
            Evaluation evaluation,
            SituationRoom room,
            MailOutbox outbox,
            IncidentRetention retention,
            Standby standby,
            MeterRegistry meters) {
        this.retention = retention;
        this.standby = standby;
        this.evaluation = evaluation;
        this.room = room;
        this.outbox = outbox;
        this.meters = meters;
    }

    @Scheduled(
            every = "{caretaker.monitoring.alerts.evaluate-interval}",
            skipExecutionIf = DisabledOrDatabaseAway.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void evaluate() {
        String outcome = "failed";
        try {
            EvaluationOutcome done = evaluation.run(room.now());
            outcome = done.kind().word();
            notEvaluated.isOver();
            tell(done.kind());
            if (done.opened() + done.resolved() + done.mails() > 0) {
                LOG.infof(
                        "incidents changed opened=%d resolved=%d mails=%d",
                        done.opened(), done.resolved(), done.mails());
            }
            counter("caretaker.monitoring.incidents.opened", "Incidents that were opened.")
                    .increment(done.opened());
            counter("caretaker.monitoring.incidents.resolved", "Incidents that were resolved.")
                    .increment(done.resolved());
        } catch (SQLException e) {
            notEvaluated.happened(e);
        } finally {
            counter("caretaker.monitoring.evaluations", "Looks at the rules, by what came of them.", "outcome", outcome)
                    .increment();
        }
    }

    private Counter counter(String name, String description, String... labels) {
        return Counter.builder(name).description(description).tags(labels).register(meters);
    }

    private void tell(EvaluationOutcome.Kind kind) {
        switch (kind) {
            case DONE -> standby.isHolder();
            case NOT_HOLDER -> standby.sawAnotherHold();
            case LOCKED -> LOG.debug("somebody else's lock says nothing of who holds the lease");
        }
    }

    /** A roll-out's next replica speaks at its first round, not when the lease is over. */
    void end(@Observes ShutdownEvent end) {
        try {
            evaluation.leave();
        } catch (SQLException e) {
            LOG.debugf(e, "the lease ends by itself");
        }
    }

    @Scheduled(
            every = "{caretaker.monitoring.alerts.hand-over-interval}",
            skipExecutionIf = DisabledOrDatabaseAway.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void handOver() {
        try {
            outbox.handOver(MAILS_A_ROUND);
            notHandedOver.isOver();
        } catch (SQLException e) {
            notHandedOver.happened(e);
        }
    }

    @Scheduled(
            every = "1h",
            delayed = "10m",
            skipExecutionIf = DisabledOrDatabaseAway.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tidy() {
        try {
            outbox.tidy(MAILS_KEPT, MAILS_TIDIED);
        } catch (SQLException e) {
            LOG.errorf(e, "mails handed over long ago were not removed, will be repeated sqlstate=%s", e.getSQLState());
        }
        try {
            retention.removeOld();
        } catch (SQLException e) {
            LOG.errorf(e, "old incidents were not removed, will be repeated sqlstate=%s", e.getSQLState());
        }
    }

    /** Puts the alerting parts together. */
    @Singleton
    static class Parts {

        private static final String RULES_FILE = "caretaker.monitoring.alerts.rules-file";

        @Produces
        @Singleton
        List<Rule> rules(Limits limits, MonitoringConfig config, Catalogue catalogue, CustomMetrics custom) {
            MonitoringConfig.Alerts alerts = config.alerts();
            List<Rule> standing = new StandingRules(
                            limits,
                            new StandingRules.Patience(
                                    alerts.connectionsFor(), alerts.databaseDownFor(), alerts.serviceDownFor()))
                    .all();
            List<Collector> collectors = Stream.concat(catalogue.all().stream(), custom.collectors().stream())
                    .toList();
            return Stream.concat(
                            standing.stream(),
                            alerts
                                    .rulesFile()
                                    .map(file -> operators(file, collectors, standing))
                                    .orElse(List.of())
                                    .stream())
                    .toList();
        }

        private static List<Rule> operators(String file, List<Collector> collectors, List<Rule> standing) {
            try {
                String text = OperatorsFile.read(RULES_FILE, file);
                return read(text, file, collectors, standing);
            } catch (IllegalArgumentException e) {
                throw WrongSetting.because(e);
            }
        }

        private static List<Rule> read(String text, String file, List<Collector> collectors, List<Rule> standing) {
            try {
                return new RulesFile(
                                DurationConverter::parseDuration, new MetricSource(collectors), Check.folder("checks"))
                        .read(text, standing.stream().map(Rule::name).collect(Collectors.toSet()));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(RULES_FILE + " " + file + ": " + e.getMessage(), e);
            }
        }

        @Produces
        @Singleton
        MailOutbox outbox(DataSource database, EmailServiceClient email, ObjectMapper json) {
            return new MailOutbox(MailOutbox.Owner.MONITORING, database, email, json);
        }

        @Produces
        @Singleton
        IncidentRetention retention(DataSource database, MonitoringConfig config, Clock clock) {
            return new IncidentRetention(database, config.alerts().retention(), clock);
        }

        /** Three missed evaluations, and another replica takes over. */
        private static Duration lease(MonitoringConfig config) {
            return config.alerts().evaluateInterval().multipliedBy(3).plusSeconds(1);
        }

        @Produces
        @Singleton
        Standby standby(MonitoringConfig config, Clock clock) {
            return config.enabled() ? new Standby(clock, lease(config)) : Standby.alone(clock);
        }

        @Produces
        @Singleton
        Evaluation evaluation(
                DataSource database, MailOutbox outbox, ObjectMapper json, List<Rule> rules, MonitoringConfig config) {
            MonitoringConfig.Alerts alerts = config.alerts();
            return new Evaluation(
                    database,
                    new Evaluation.Tools(
                            rules,
                            new Lease(Lease.ALERTS, UUID.randomUUID(), lease(config)),
                            new IncidentPolicy(alerts.keepFiring()),
                            new MailPolicy(alerts.repeatInterval()),
                            new IncidentWriter(json),
                            new IncidentMails(
                                    outbox,
                                    json,
                                    config.alertEmail().map(List::of).orElse(List.of()))));
        }
    }
}
