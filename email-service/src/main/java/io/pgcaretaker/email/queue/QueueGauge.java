package io.pgcaretaker.email.queue;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.delivery.DeliverySchedule;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.runtime.Startup;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.ToLongFunction;
import org.jboss.logging.Logger;

/** Measures the queue by itself now and then; whoever asks is answered from memory. */
@ApplicationScoped
@Startup
public class QueueGauge {

    private static final Logger LOG = Logger.getLogger(QueueGauge.class);

    /** A measurement may take as long on a busy database. */
    private static final Duration LATE = Duration.ofMinutes(1);

    private final QueueViewRepository repository;
    private final Clock clock;
    private volatile QueueState state;

    QueueGauge(
            QueueViewRepository repository,
            MeterRegistry registry,
            DeliverySchedule delivery,
            Clock clock,
            EmailConfig config) {
        Duration interval = config.delivery().measureInterval();
        Instant startedAt = clock.instant();
        this.repository = repository;
        this.clock = clock;
        this.state = new QueueState(0, 0, 0, 0, Instant.EPOCH);
        depth(registry, "waiting", QueueState::waiting);
        depth(registry, "scheduled", QueueState::scheduled);
        depth(registry, "unknown", QueueState::unknown);
        Gauge.builder(
                        "caretaker.email.queue.oldest",
                        this,
                        gauge -> oldestSeconds(gauge.state(), startedAt, clock.instant(), interval))
                .baseUnit("seconds")
                .description("How long the first waiting mail has been due; NaN while nobody knows")
                .register(registry);
        Gauge.builder("caretaker.email.circuit.open", delivery, schedule -> schedule.isCircuitOpen() ? 1 : 0)
                .description("1 while no SMTP server can be used and sending pauses")
                .register(registry);
        Gauge.builder("caretaker.email.conversations.slow", delivery, DeliverySchedule::slowConversations)
                .description(
                        "SMTP conversations that have taken longer than a second; mail to their domains may be put off")
                .register(registry);
        delivery.transports()
                .forEach(transport -> Gauge.builder(
                                "caretaker.email.transport.circuit.open",
                                delivery,
                                schedule -> schedule.transports().stream()
                                        .filter(one -> one.transport().equals(transport.transport()))
                                        .mapToInt(one -> one.state().equals("ok") ? 0 : 1)
                                        .sum())
                        .tag("transport", transport.transport())
                        .description("1 while this SMTP server is at fault and is left alone")
                        .register(registry));
    }

    private void depth(MeterRegistry registry, String name, ToLongFunction<QueueState> value) {
        Gauge.builder("caretaker.email.queue.depth", this, gauge -> value.applyAsLong(gauge.state()))
                .tag("state", name)
                .description("Recipients by where they stand")
                .register(registry);
    }

    /** What was measured before the database, or this service's way into it, was gone would look like an answer: no mail waits. */
    static double oldestSeconds(QueueState state, Instant startedAt, Instant now, Duration interval) {
        Instant last = state.measuredAt().isAfter(startedAt) ? state.measuredAt() : startedAt;
        Instant missed = last.plus(interval.multipliedBy(2)).plus(LATE);
        return now.isAfter(missed) ? Double.NaN : state.oldestWaitingSeconds();
    }

    public QueueState state() {
        return state;
    }

    @Scheduled(
            every = "{caretaker.email.delivery.measure-interval}",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void measure() {
        try {
            state = repository.measure(clock.instant());
        } catch (SQLException e) {
            LOG.warnf("queue cannot be measured cause=%s", e.getMessage());
        }
    }
}
