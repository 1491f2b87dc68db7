package io.pgcaretaker.email.delivery;

import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Starts the workers, wakes them, and stops them within one mail each. */
@ApplicationScoped
public class DeliverySchedule {

    private static final Logger LOG = Logger.getLogger(DeliverySchedule.class);

    private final Vertx vertx;
    private final EmailConfig.Delivery config;
    private final SmtpSettings smtp;
    private final Circuit circuit;
    private final DeliveryWorker.Tools tools;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private @Nullable ExecutorService workers;

    DeliverySchedule(
            Vertx vertx,
            EmailConfig config,
            ClaimRepository claims,
            OutcomeRepository outcomes,
            MailLoader loader,
            DeliveryMetrics metrics,
            WakeUp wakeUp,
            DatabaseGate gate,
            Clock clock) {
        this.vertx = vertx;
        this.config = config.delivery();
        this.smtp = SmtpSettings.of(config);
        RandomGenerator random = RandomGenerator.getDefault();
        this.circuit = new Circuit(clock, random, this.config.circuitPause(), this.config.circuitLongestPause());
        Delivery delivery = new Delivery(
                claims, outcomes, loader, new RetryPolicy(this.config.firstRetry(), random), circuit, metrics);
        this.tools = new DeliveryWorker.Tools(claims, outcomes, delivery, metrics, circuit, wakeUp, gate, this.config);
    }

    void onStart(@Observes StartupEvent event) {
        String process = UUID.randomUUID().toString().substring(0, 8);
        ExecutorService pool = Executors.newFixedThreadPool(config.workers(), runnable -> {
            Thread thread = new Thread(runnable, "mail-delivery");
            thread.setDaemon(true);
            return thread;
        });
        for (int i = 0; i < config.workers(); i++) {
            SmtpTransport transport = new SmtpTransport(vertx, smtp, config.sendDeadline());
            pool.execute(new DeliveryWorker(process + "-" + i, tools, transport, stopping));
        }
        workers = pool;
        LOG.infof("delivering mail server=%s:%d workers=%d", smtp.host(), smtp.port(), config.workers());
    }

    @Scheduled(
            every = "{caretaker.email.delivery.poll-interval}",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void tick() {
        tools.wakeUp().signal();
    }

    /** Each worker ends the mail it is at and gives the rest of its batch back. */
    void onStop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping.set(true);
        tools.wakeUp().wakeAll(config.workers());
        ExecutorService pool = workers;
        if (pool == null) {
            return;
        }
        pool.shutdown();
        Duration patience = config.sendDeadline().plusSeconds(2);
        if (!pool.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("a worker does not end its mail in time; its outcome will be unknown");
            pool.shutdownNow();
        }
    }

    /** {@code ok}, or why sending pauses; for people. */
    public String transportState() {
        String reason = circuit.reason();
        return reason == null ? "ok" : "paused for " + circuit.pauseLeft().toSeconds() + " s: " + reason;
    }

    /** The transport's state, for metrics. */
    public boolean isCircuitOpen() {
        return circuit.isOpen();
    }
}
