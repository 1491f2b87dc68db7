package io.pgcaretaker.cleanup.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.throttle.ApplicationLatency;
import io.pgcaretaker.database.RepeatedFailure;
import io.pgcaretaker.outbox.MailOutbox;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** Wakes the worker and the mail outbox. */
@ApplicationScoped
class RunSchedule {

    private static final Logger LOG = Logger.getLogger(RunSchedule.class);

    /** Mails handed over in one go. */
    private static final int MAILS = 20;

    /** Less than what a container is given to stop. */
    private static final Duration LAST_BATCH = Duration.ofSeconds(8);

    private final RepeatedFailure notWorked = new RepeatedFailure(LOG, "runs were not carried on");
    private final RepeatedFailure notHandedOver = new RepeatedFailure(LOG, "mails were not handed over");
    private final ReentrantLock working = new ReentrantLock();
    private final StopSignal stop = new StopSignal();
    private final Worker worker;
    private final MailOutbox outbox;

    RunSchedule(
            DataSource database,
            MailOutbox outbox,
            CleanupMetrics metrics,
            CleanupConfig config,
            ObjectMapper json,
            ApplicationLatency application,
            Clock clock,
            Policies policies) {
        this.worker = Workers.create(
                new Workers.Surroundings(database, outbox, metrics, config, json, application, clock), policies, stop);
        this.outbox = outbox;
    }

    @Scheduled(
            every = "{caretaker.cleanup.poll-interval}",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void work() {
        working.lock();
        try {
            worker.tick();
            notWorked.isOver();
        } catch (DatabaseFailure e) {
            notWorked.happened(e.sqlState(), e);
        } finally {
            working.unlock();
        }
    }

    @Scheduled(
            every = "{caretaker.cleanup.mail-interval}",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void handOverMail() {
        try {
            outbox.handOver(MAILS);
            notHandedOver.isOver();
        } catch (SQLException e) {
            notHandedOver.happened(e);
        }
    }

    /** The present batch commits and the run is given back, before the connections close. */
    void onShutdown(@Observes ShutdownEvent event) throws InterruptedException {
        stop.stop();
        if (working.tryLock(LAST_BATCH.toSeconds(), TimeUnit.SECONDS)) {
            working.unlock();
        }
    }
}
