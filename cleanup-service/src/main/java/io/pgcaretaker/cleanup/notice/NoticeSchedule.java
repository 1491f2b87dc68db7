package io.pgcaretaker.cleanup.notice;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.Census;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.outbox.MailGateway;
import io.pgcaretaker.outbox.MailReceipts;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** Wakes the deletion notices. */
@ApplicationScoped
class NoticeSchedule {

    private final Policies policies;
    private final Preflight preflight;
    private final Transactions transactions;
    private final Census census;
    private final CleanupMetrics metrics;
    private final CleanupConfig config;
    private final MailGateway gateway;
    private final MailReceipts receipts;
    private final Clock clock;

    private volatile boolean stopped;
    private volatile @Nullable Notices notices;

    NoticeSchedule(
            Policies policies,
            Preflight preflight,
            Transactions transactions,
            Census census,
            CleanupMetrics metrics,
            CleanupConfig config,
            MailGateway gateway,
            MailReceipts receipts,
            Clock clock) {
        this.policies = policies;
        this.preflight = preflight;
        this.transactions = transactions;
        this.census = census;
        this.metrics = metrics;
        this.config = config;
        this.gateway = gateway;
        this.receipts = receipts;
        this.clock = clock;
    }

    @Scheduled(
            every = "{caretaker.cleanup.notice-interval}",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tell() {
        if (stopped || policies.all().stream().noneMatch(RetentionPolicy::givesNotice)) {
            return;
        }
        Notices core = notices;
        if (core == null) {
            core = create();
            notices = core;
        }
        core.tick(() -> stopped);
    }

    /** Once somebody is to be told: only then there must be an address for links. */
    private Notices create() {
        LinkKey keys = new LinkKey(transactions, System::nanoTime);
        return new Notices(
                policies,
                preflight,
                transactions,
                new NoticeOpening(policies, transactions, census, metrics, config, clock),
                new NoticeDelivery(transactions, gateway, receipts, keys, links(config)),
                metrics);
    }

    /** What a token is put behind; the route is RestoreLinkResource's. */
    static String links(CleanupConfig config) {
        return config.publicUrl().orElseThrow().replaceAll("/+$", "") + "/api/cleanup/restore/";
    }

    void onShutdown(@Observes ShutdownEvent event) {
        stopped = true;
    }
}
