package io.pgcaretaker.cleanup;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.ErasureKey;
import io.pgcaretaker.cleanup.plan.Census;
import io.pgcaretaker.cleanup.plan.PartitionCensus;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.PolicyVariables;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.run.RunOpening;
import io.pgcaretaker.cleanup.run.RunReports;
import io.pgcaretaker.cleanup.run.RunRequests;
import io.pgcaretaker.outbox.MailGateway;
import io.pgcaretaker.outbox.MailOutbox;
import io.pgcaretaker.startup.WrongSetting;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import javax.sql.DataSource;

/** The plain core as beans. */
final class CleanupBeans {

    @Produces
    @Singleton
    Policies policies(CleanupConfig config) {
        try {
            ErasureKey.of(config.ledgerKey());
            PolicyVariables.requireKnown(System.getenv().keySet());
            return Policies.load(config);
        } catch (IllegalArgumentException e) {
            throw WrongSetting.because(e);
        }
    }

    @Produces
    @Singleton
    Transactions transactions(DataSource database) {
        return new Transactions(database);
    }

    @Produces
    @Singleton
    Preflight preflight(Transactions transactions) {
        return new Preflight(transactions, new CatalogueRepository());
    }

    @Produces
    @Singleton
    Census census(Transactions transactions) {
        return new Census(transactions);
    }

    @Produces
    @Singleton
    PartitionCensus partitionCensus(Transactions transactions, Census census) {
        return new PartitionCensus(transactions, census);
    }

    @Produces
    @Singleton
    CleanupMetrics metrics(MeterRegistry registry) {
        return new CleanupMetrics(registry);
    }

    @Produces
    @Singleton
    MailOutbox outbox(DataSource database, MailGateway gateway, ObjectMapper json) {
        return new MailOutbox(MailOutbox.Owner.CLEANUP, database, gateway, json);
    }

    @Produces
    @Singleton
    RunRequests requests(
            Transactions transactions, Policies policies, MailOutbox outbox, CleanupConfig config, ObjectMapper json) {
        return new RunRequests(transactions, new RunOpening(), policies, new RunReports(outbox, config, json));
    }
}
