package io.pgcaretaker.email.delivery;

import io.pgcaretaker.database.RepeatedFailure;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.dkim.DkimSigners;
import io.pgcaretaker.email.smtp.Circuit;
import io.pgcaretaker.email.smtp.EhloName;
import io.pgcaretaker.email.smtp.SmtpServers;
import io.pgcaretaker.email.smtp.SmtpSettings;
import io.pgcaretaker.email.smtp.SmtpTransport;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/** Starts the workers, wakes them, relieves those that a slow server holds up, and stops them within one mail each. */
@ApplicationScoped
public class DeliverySchedule {

    private static final Logger LOG = Logger.getLogger(DeliverySchedule.class);

    /** For each worker that is held up another steps in, up to this many. */
    private static final int MOST_SPARE = 16;

    /** While mail is put off, how often it is said. */
    private static final Duration SAID_AGAIN = Duration.ofMinutes(1);

    private final EmailConfig.Delivery config;
    private final SmtpServers servers;
    private final DkimSigners signers;
    private final DeliveryWorker.Tools tools;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final ScheduledExecutorService deadlines = deadlines();
    private final ExecutorService pool = Executors.newCachedThreadPool(daemons("mail-delivery"));
    private final List<DeliveryWorker> workers = new CopyOnWriteArrayList<>();
    private final AtomicInteger spare = new AtomicInteger();
    /** No two workers have the same name, however soon one takes another's place. */
    private final AtomicInteger spareNames = new AtomicInteger();

    private volatile long silentUntil = System.nanoTime();
    private final String process = UUID.randomUUID().toString().substring(0, 8);

    DeliverySchedule(
            EmailConfig config,
            ClaimRepository claims,
            OutcomeRepository outcomes,
            MailLoader loader,
            RateRepository rates,
            AlertBudget budget,
            LargeMails large,
            DeliveryMetrics metrics,
            OutcomeSignal signal,
            WakeUp wakeUp,
            DatabaseGate gate) {
        this.config = config.delivery();
        this.signers = new DkimSigners(config.dkim());
        RandomGenerator random = RandomGenerator.getDefault();
        this.servers = new SmtpServers(
                SmtpSettings.all(config),
                () -> new Circuit(
                        System::nanoTime, random, this.config.circuitPause(), this.config.circuitLongestPause()));
        Delivery delivery = new Delivery(
                claims,
                outcomes,
                loader,
                new RetryPolicy(this.config.firstRetry(), random),
                budget,
                new UnknownPolicy(config),
                servers,
                metrics);
        this.tools = new DeliveryWorker.Tools(
                claims,
                outcomes,
                delivery,
                metrics,
                signal,
                servers,
                new Congestion(System::nanoTime),
                large,
                new Pace(System::nanoTime),
                new Pacing(new RatePolicy(config.rates()), rates),
                wakeUp,
                new Polling(this.config.pollInterval(), this.config.idlePollInterval(), claims::untilNextDue),
                gate,
                new RepeatedFailure(LOG, "a batch was given up, its mails wait for their lease to end"),
                this.config);
    }

    private static ThreadFactory daemons(String name) {
        return runnable -> {
            Thread thread = new Thread(runnable, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Tasks that were not needed leave at once: there is one a mail. */
    private static ScheduledExecutorService deadlines() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, daemons("mail-deadlines"));
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    /** Behind all that looks at settings: where one of them refuses the start, no mail has gone. */
    void onStart(@Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) StartupEvent event) {
        for (int i = 0; i < config.workers(); i++) {
            DeliveryWorker worker = worker("-" + i, () -> !stopping.get());
            workers.add(worker);
            pool.execute(worker);
        }
        servers.all()
                .forEach(server -> LOG.infof("delivering mail server=%s workers=%d", server.name(), config.workers()));
    }

    private DeliveryWorker worker(String suffix, java.util.function.BooleanSupplier needed) {
        EhloName ehloName = new EhloName(config.ehloName());
        return new DeliveryWorker(
                process + suffix,
                tools,
                servers.all().stream()
                        .map(server -> new SmtpTransport(
                                server.settings(), ehloName, signers, config.sendDeadline(), deadlines))
                        .toList(),
                needed);
    }

    /** Asks the database nothing by itself. */
    @Scheduled(every = "1s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void tick() {
        workers.forEach(worker -> pool.execute(worker::relieve));
        while (!stopping.get()
                && spare.get() < Math.min(MOST_SPARE, tools.congestion().slow())) {
            stepIn(spare.incrementAndGet());
        }
        sayWhatIsPutOff();
        if (tools.gate().isOpen() && (tools.polling().isTime() || spare.get() > 0)) {
            tools.wakeUp().signal();
        }
    }

    /** Otherwise mail could stand still for as long as an attempt may take, without a line anywhere. */
    private void sayWhatIsPutOff() {
        if (System.nanoTime() - silentUntil < 0) {
            return;
        }
        int putOff = tools.congestion().takeRefused();
        if (putOff > 0) {
            silentUntil = System.nanoTime() + SAID_AGAIN.toNanos();
            LOG.warnf(
                    "mail is put off, others to its domain wait for the server's answer putOff=%d waiting=%d",
                    putOff, tools.congestion().slow());
        }
    }

    private void stepIn(int number) {
        DeliveryWorker worker = worker(
                "-spare" + spareNames.incrementAndGet(),
                () -> !stopping.get() && tools.congestion().slow() >= number);
        workers.add(worker);
        pool.execute(() -> {
            try {
                worker.run();
            } finally {
                workers.remove(worker);
                spare.decrementAndGet();
            }
        });
    }

    /** Each worker ends the mail it is at and gives the rest of its batch back. */
    void onStop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping.set(true);
        tools.wakeUp().wakeAll(workers.size());
        pool.shutdown();
        Duration patience = config.sendDeadline().plusSeconds(2);
        if (!pool.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("a worker does not end its mail in time; its outcome will be unknown");
            pool.shutdownNow();
        }
    }

    /** {@code ok}, or why mail cannot go anywhere; for people. */
    public String transportState() {
        return servers.state();
    }

    /** Each way out for mail, in the order in which they are wanted. */
    public List<SmtpServers.Standing> transports() {
        return servers.standings();
    }

    /** How many conversations wait for the server longer than one that answers takes. */
    public int slowConversations() {
        return tools.congestion().slow();
    }

    /** True when mail cannot go anywhere. */
    public boolean isCircuitOpen() {
        return servers.isClosed();
    }
}
