package io.pgcaretaker.monitoring.neighbour;

import io.pgcaretaker.monitoring.Disabled;
import io.pgcaretaker.status.ServiceStatus;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.ws.rs.ProcessingException;
import jakarta.ws.rs.WebApplicationException;
import java.time.Clock;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.jboss.logging.Logger;

/** Looks at the neighbours on its own clock; a dead one degrades one check and nothing else. */
@Singleton
class NeighbourSchedule {

    private static final Logger LOG = Logger.getLogger(NeighbourSchedule.class);

    private final StatusClient client;
    private final Neighbours neighbours;
    private final Clock clock;

    NeighbourSchedule(StatusClient client, Neighbours neighbours, Clock clock) {
        this.client = client;
        this.neighbours = neighbours;
        this.clock = clock;
    }

    @Scheduled(
            every = "{caretaker.monitoring.neighbours.interval}",
            skipExecutionIf = Disabled.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tick() {
        look(Neighbours.CLEANUP, client::cleanup);
        look(Neighbours.EMAIL, client::email);
    }

    private void look(String name, Supplier<ServiceStatus> ask) {
        Neighbour before = neighbours.of(name);
        Neighbour after;
        try {
            after = before.answered(ask.get(), clock.instant());
        } catch (RuntimeException e) {
            after = before.silent(clock.instant(), error(e));
        }
        if (before.isDown() != after.isDown()) {
            LOG.infof("neighbour changed service=%s down=%s error=%s", name, after.isDown(), after.error());
        }
        neighbours.put(after);
    }

    private static String error(RuntimeException e) {
        if (e instanceof WebApplicationException answer) {
            int status = answer.getResponse().getStatus();
            return status == 401 || status == 403 ? "refuses our service key" : "answered " + status;
        }
        if (e instanceof CircuitBreakerOpenException) {
            return "did not answer lately";
        }
        return e instanceof ProcessingException || e instanceof TimeoutException
                ? "does not answer"
                : "gave no usable answer";
    }

    /** Where the neighbours are kept. */
    @Singleton
    static class Parts {
        @Produces
        @Singleton
        Neighbours neighbours() {
            return new Neighbours();
        }
    }
}
