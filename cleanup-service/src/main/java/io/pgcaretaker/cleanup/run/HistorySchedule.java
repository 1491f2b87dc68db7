package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.archive.Archive;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.cleanup.notice.NoticeRepository;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.outbox.MailOutbox;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * What clean-up keeps of its own ages out here and not by a policy, whose run would leave a run, a ledger line and a mail of
 * its own each time.
 */
@ApplicationScoped
class HistorySchedule {

    /** Rows deleted in one go. */
    private static final int MOST = 5_000;

    /**
     * A start without a setting is mended within that, and amid a rollout a replica of before has ended: whom the others tell keep
     * their links. Less than from one round to the next.
     */
    private static final Duration PATIENCE = Duration.ofMinutes(30);

    private static final Logger LOG = Logger.getLogger(HistorySchedule.class);

    private final LedgerRepository ledger = new LedgerRepository();
    private final Archive archive;
    private final Clock clock;
    private final Policies policies;
    private final MailOutbox outbox;
    private final Transactions transactions;
    private final Preflight preflight;
    private final CleanupConfig config;
    private final RunRepository runs = new RunRepository();
    private final NoticeRepository notices = new NoticeRepository();
    private final Instant start;

    HistorySchedule(
            MailOutbox outbox,
            Transactions transactions,
            Preflight preflight,
            CleanupConfig config,
            Clock clock,
            Policies policies) {
        this.preflight = preflight;
        this.policies = policies;
        this.archive = Archive.of(config);
        this.clock = clock;
        this.outbox = outbox;
        this.transactions = transactions;
        this.config = config;
        this.start = clock.instant();
    }

    /** Files whose batch did not commit. A day is far more than any batch takes. */
    @Scheduled(
            every = "24h",
            delayed = "10m",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tidyArchive() {
        try {
            int deleted = archive.tidy(
                    clock.instant().minus(Duration.ofDays(1)),
                    file -> transactions.run("cleanup.archive-orphan", session -> ledger.isOrphan(session, file)));
            if (deleted > 0) {
                LOG.infof("archived files of batches that did not commit deleted files=%d", deleted);
            }
        } catch (IOException e) {
            LOG.warnf("the archive was not tidied, tomorrow is tried again cause=%s", Archive.why(e));
        }
    }

    @Scheduled(
            every = "1h",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tidy() throws SQLException {
        outbox.tidy(config.keepHistory(), MOST);
        transactions.run("cleanup.run-tidy", session -> runs.tidy(session, config.keepHistory(), MOST));
        if (clock.instant().isAfter(start.plus(PATIENCE))) {
            endOfOthers();
        }
        transactions.run("cleanup.notice-tidy", session -> notices.tidy(session, config.keepHistory(), MOST));
    }

    private void endOfOthers() {
        // In shadow mode, too, a policy tells people: its notices wait until it enforces again.
        List<String> telling = policies.all().stream()
                .filter(policy -> policy.notice() != null)
                .map(RetentionPolicy::name)
                .toList();
        transactions.untilNone("cleanup.notice-end-of-others", session -> notices.endOfOthers(session, telling));
        policies.all().stream()
                .filter(policy -> policy.notice() != null)
                .forEach(policy -> preflight.table(policy).ifPresent(table -> endOfOtherTables(policy, table)));
    }

    private void endOfOtherTables(RetentionPolicy policy, Table table) {
        transactions.untilNone(
                "cleanup.notice-end-of-others",
                session -> notices.endOfOtherTables(
                        session, policy.name(), table.name().quoted()));
    }
}
