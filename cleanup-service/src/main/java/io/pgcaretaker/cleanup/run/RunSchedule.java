package io.pgcaretaker.cleanup.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.outbox.MailOutbox;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Clock;
import javax.sql.DataSource;

/** Wakes the worker and the mail outbox. */
@ApplicationScoped
class RunSchedule {

    /** Mails handed over in one go. */
    private static final int MAILS = 20;

    private final StopSignal stop = new StopSignal();
    private final Worker worker;
    private final MailOutbox outbox;

    RunSchedule(
            DataSource database,
            MailOutbox outbox,
            CleanupMetrics metrics,
            CleanupConfig config,
            ObjectMapper json,
            Clock clock,
            Policies policies) {
        this.worker = Workers.create(
                new Workers.Surroundings(database, outbox, metrics, config, json, clock), policies, stop);
        this.outbox = outbox;
    }

    @Scheduled(
            every = "{caretaker.cleanup.poll-interval}",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void work() {
        worker.tick();
    }

    @Scheduled(
            every = "{caretaker.cleanup.mail-interval}",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void handOverMail() throws SQLException {
        outbox.handOver(MAILS);
    }

    void onShutdown(@Observes ShutdownEvent event) {
        stop.stop();
    }

    void onShutdownDelay(@Observes ShutdownDelayInitiatedEvent event) {
        stop.stop();
    }
}
