package io.pgcaretaker.email.webhook;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.delivery.OutcomeSignal;
import io.pgcaretaker.email.delivery.Polling;
import io.pgcaretaker.email.smtp.Circuit;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/** Gives every receiver a thread of its own when there may be something to tell it, so that none waits for another. */
@ApplicationScoped
@Startup
public class WebhookSchedule {

    private static final Logger LOG = Logger.getLogger(WebhookSchedule.class);

    /** After the calls' deadline there is what was heard to be written. */
    private static final Duration TIME_TO_WRITE = Duration.ofSeconds(30);

    private final WebhookRepository repository;
    private final DatabaseGate gate;
    private final OutcomeSignal outcomes;
    private final Duration patience;
    private final ExecutorService pool = Executors.newCachedThreadPool(WebhookSchedule::daemon);
    /** Of the HTTP client, which must go on while the others end what they are at. */
    private final ExecutorService calls = Executors.newCachedThreadPool(WebhookSchedule::daemon);

    private final List<Desk> desks;
    private volatile boolean kept;
    private volatile boolean forgotten;
    private volatile boolean stopping;

    WebhookSchedule(
            EmailConfig config,
            WebhookRepository repository,
            WebhookMetrics metrics,
            MeterRegistry registry,
            OutcomeSignal outcomes,
            DatabaseGate gate,
            ObjectMapper json,
            Clock clock) {
        this.repository = repository;
        this.gate = gate;
        this.outcomes = outcomes;
        this.patience = config.webhookDeadline().plusSeconds(1);
        RandomGenerator random = RandomGenerator.getDefault();
        WebhookClient client = new WebhookClient(config.webhookDeadline(), new WebhookBody(json), clock, calls);
        EmailConfig.Delivery delivery = config.delivery();
        this.desks = WebhookEndpoint.of(config).stream()
                .map(endpoint -> new Desk(
                        new WebhookCourier(
                                endpoint,
                                repository,
                                client,
                                new WebhookRetryPolicy(random),
                                metrics,
                                new Circuit(
                                        System::nanoTime,
                                        random,
                                        delivery.circuitPause(),
                                        delivery.circuitLongestPause()),
                                config.webhookDeadline().plus(TIME_TO_WRITE)),
                        new Polling(
                                delivery.pollInterval(),
                                delivery.idlePollInterval(),
                                () -> repository.untilNextDue(endpoint.name())),
                        new AtomicBoolean(),
                        new AtomicBoolean()))
                .toList();
        desks.forEach(desk -> metrics.known(desk.courier().endpoint().name()));
        desks.forEach(desk -> Gauge.builder(
                        "caretaker.email.webhook.circuit.open",
                        desk.courier().circuit(),
                        circuit -> circuit.isOpen() ? 1 : 0)
                .tag("endpoint", desk.courier().endpoint().name())
                .description("1 while a webhook's receiver is at fault and is told nothing")
                .register(registry));
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "webhook");
        thread.setDaemon(true);
        return thread;
    }

    /** One receiver and who serves it. */
    private record Desk(WebhookCourier courier, Polling polling, AtomicBoolean news, AtomicBoolean busy) {}

    /** Before the first mail goes out here, so that its outcome is told. */
    void onStart(@Observes @Priority(10) StartupEvent event) {
        if (gate.isOpen()) {
            keep();
        }
    }

    /** Asks the database nothing by itself, but once for the receivers' names. */
    @Scheduled(
            every = "1s",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void tick() {
        if (!kept && !keep()) {
            return;
        }
        if (!forgotten) {
            forget();
        }
        boolean news = outcomes.takeNews();
        for (Desk desk : desks) {
            desk.news().compareAndSet(false, news);
            boolean due = desk.news().get() || desk.polling().isTime();
            if (due && !stopping && desk.busy().compareAndSet(false, true)) {
                pool.execute(() -> serve(desk));
            }
        }
    }

    private boolean keep() {
        try {
            repository.keep(endpoints());
            kept = true;
            desks.forEach(desk -> LOG.infof(
                    "telling a webhook endpoint=%s host=%s",
                    desk.courier().endpoint().name(),
                    desk.courier().endpoint().url().getHost()));
        } catch (SQLException e) {
            LOG.warnf(
                    "the receivers of webhooks cannot be written, the next tick tries again cause=%s", e.getMessage());
        }
        return kept;
    }

    private void forget() {
        try {
            forgotten = repository.forget(endpoints());
        } catch (SQLException e) {
            LOG.warnf("receivers of before cannot be forgotten, the next tick tries again cause=%s", e.getMessage());
        }
    }

    private List<WebhookEndpoint> endpoints() {
        return desks.stream().map(desk -> desk.courier().endpoint()).toList();
    }

    private void serve(Desk desk) {
        desk.news().set(false);
        try {
            int claimed = desk.courier().drain(() -> !stopping && gate.isOpen());
            desk.polling().found(claimed);
        } catch (SQLException | RuntimeException e) {
            // The leases end by themselves: nothing is lost, and a receiver tells a repeat by its id.
            LOG.errorf(
                    e,
                    "webhooks given up for now endpoint=%s",
                    desk.courier().endpoint().name());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            desk.busy().set(false);
        }
    }

    void onStop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping = true;
        pool.shutdown();
        if (!pool.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            pool.shutdownNow();
        }
        calls.shutdownNow();
    }

    /** {@code ok}, or why a receiver is told nothing; for people. */
    String state(String name) {
        return desks.stream()
                .filter(desk -> desk.courier().endpoint().name().equals(name))
                .map(desk -> state(desk.courier().circuit()))
                .findFirst()
                .orElse("not configured here");
    }

    private static String state(Circuit circuit) {
        String reason = circuit.reason();
        return reason == null ? "ok" : "paused for " + circuit.pauseLeft().toSeconds() + " s: " + reason;
    }
}
