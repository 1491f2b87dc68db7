package io.pgcaretaker.cleanup.throttle;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.ws.rs.ProcessingException;
import jakarta.ws.rs.WebApplicationException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.jboss.logging.Logger;

/** Asks monitoring-service how long the application's statements take. */
@Singleton
class LatencySchedule {

    private static final Logger LOG = Logger.getLogger(LatencySchedule.class);

    private final MonitoringClient monitoring;
    private final ApplicationLatency latency;

    LatencySchedule(MonitoringClient monitoring, ApplicationLatency latency) {
        this.monitoring = monitoring;
        this.latency = latency;
    }

    @Scheduled(every = "5s", concurrentExecution = ConcurrentExecution.SKIP)
    void ask() {
        if (!latency.isWatched()) {
            return;
        }
        boolean changed;
        try {
            changed = latency.answered(monitoring.latency());
        } catch (CircuitBreakerOpenException e) {
            // Nobody was asked: what is known is what it last came to.
            return;
        } catch (RuntimeException e) {
            changed = latency.silent(why(e));
        }
        if (changed) {
            LOG.infof("application latency %s", latency.status());
        }
    }

    private static String why(RuntimeException e) {
        if (e instanceof WebApplicationException answer) {
            int status = answer.getResponse().getStatus();
            return status == 401 || status == 403
                    ? "monitoring-service refuses our service key"
                    : "monitoring-service answered " + status;
        }
        return e instanceof ProcessingException
                ? "monitoring-service does not answer"
                : "monitoring-service gave no usable answer";
    }

    /** Where the answer is kept. */
    @Singleton
    static class Parts {
        @Produces
        @Singleton
        ApplicationLatency latency(CleanupConfig config) {
            return new ApplicationLatency(config.throttle(), System::nanoTime);
        }
    }
}
