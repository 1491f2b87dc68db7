package io.pgcaretaker.cleanup.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.archive.Archive;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.cleanup.plan.Census;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.run.RunClosing;
import io.pgcaretaker.cleanup.run.RunReports;
import io.pgcaretaker.cleanup.run.RunRepository;
import io.pgcaretaker.cleanup.throttle.ApplicationLatency;
import io.pgcaretaker.outbox.MailOutbox;
import java.time.Clock;
import java.util.UUID;
import javax.sql.DataSource;

/** Puts a worker together from what surrounds it; the one place that knows all parts. */
final class Workers {

    /** What surrounds a worker. */
    record Surroundings(
            DataSource database,
            MailOutbox outbox,
            CleanupMetrics metrics,
            CleanupConfig config,
            ObjectMapper json,
            ApplicationLatency application,
            Clock clock) {}

    private Workers() {}

    static Worker create(Surroundings around, Policies policies, StopSignal stop) {
        Transactions transactions = new Transactions(around.database());
        CleanupConfig config = around.config();
        RunRepository runs = new RunRepository();
        FreshPreflight preflight =
                new FreshPreflight(new Preflight(transactions, new CatalogueRepository()), System::nanoTime);
        Slots slots = new Slots(policies, preflight, transactions, around.clock());
        Census census = new Census(transactions);
        Companion companion = new Companion();
        Heartbeat heartbeat = new Heartbeat(transactions, runs, config.lease());
        Entrance entrance = new Entrance(
                new RunStart(transactions, runs, config, around.clock()),
                preflight,
                new Breakers(policies, census, companion, transactions, config.nice(), around.metrics()));
        Batches batches = new Batches(
                new Batch(transactions, runs, new LedgerRepository(), config),
                runs,
                transactions,
                census,
                companion,
                heartbeat,
                Archive.of(config),
                around.metrics(),
                config,
                around.application(),
                slots,
                stop);
        RunClosing closing = new RunClosing(
                transactions,
                runs,
                new RunReports(around.outbox(), config, around.json()),
                policies,
                around.metrics(),
                config.throttle().longestTableRest());
        return new Worker(
                slots,
                transactions,
                runs,
                new Engine(policies, entrance, census, batches, closing, heartbeat),
                new Worker.Settings(UUID.randomUUID(), config, stop));
    }
}
