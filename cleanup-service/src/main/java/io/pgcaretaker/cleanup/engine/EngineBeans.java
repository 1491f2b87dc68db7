package io.pgcaretaker.cleanup.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.run.RunClosing;
import io.pgcaretaker.cleanup.run.RunReports;
import io.pgcaretaker.cleanup.run.RunRepository;
import io.pgcaretaker.outbox.MailOutbox;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What routes need of the engine, as beans. */
final class EngineBeans {

    @Produces
    @Singleton
    Replay replay(
            Transactions transactions,
            Policies policies,
            Preflight preflight,
            MailOutbox outbox,
            CleanupMetrics metrics,
            CleanupConfig config,
            ObjectMapper json) {
        RunRepository runs = new RunRepository();
        return new Replay(
                transactions,
                preflight,
                new Batch(transactions, runs, new LedgerRepository(), config),
                new RunClosing(
                        transactions,
                        runs,
                        new RunReports(outbox, config, json),
                        policies,
                        metrics,
                        config.throttle().longestTableRest()),
                config);
    }
}
