package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.notice.NoticeRepository;
import io.pgcaretaker.outbox.MailOutbox;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;

/**
 * What clean-up keeps of its own ages out here and not by a policy, whose run would leave a run, a ledger line and a mail of
 * its own each time.
 */
@ApplicationScoped
class HistorySchedule {

    /** Rows deleted in one go. */
    private static final int MOST = 5_000;

    private final MailOutbox outbox;
    private final Transactions transactions;
    private final CleanupConfig config;
    private final RunRepository runs = new RunRepository();
    private final NoticeRepository notices = new NoticeRepository();

    HistorySchedule(MailOutbox outbox, Transactions transactions, CleanupConfig config) {
        this.outbox = outbox;
        this.transactions = transactions;
        this.config = config;
    }

    @Scheduled(
            every = "1h",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tidy() throws SQLException {
        outbox.tidy(config.keepHistory(), MOST);
        transactions.run("cleanup.run-tidy", session -> runs.tidy(session, config.keepHistory(), MOST));
        transactions.run("cleanup.notice-tidy", session -> notices.tidy(session, config.keepHistory(), MOST));
    }
}
