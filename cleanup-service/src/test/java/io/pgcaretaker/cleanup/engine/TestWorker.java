package io.pgcaretaker.cleanup.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.TestSettings;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerAudit;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.cleanup.removal.HoldGates;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunOpening;
import io.pgcaretaker.cleanup.run.RunReports;
import io.pgcaretaker.cleanup.run.RunRepository;
import io.pgcaretaker.cleanup.run.RunRequests;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.throttle.ApplicationLatency;
import io.pgcaretaker.outbox.MailGateway;
import io.pgcaretaker.outbox.MailOutbox;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;

/** A worker as the service makes it, without the service. */
public final class TestWorker {

    public final Transactions transactions;
    public final Policies policies;
    final Worker worker;
    final RunRequests requests;
    private final Replay replay;
    final RunRepository runs = new RunRepository();
    final StopSignal stop = new StopSignal();
    final CleanupConfig config;

    public TestWorker(TestDatabase database, Map<String, String> settings) {
        this(database, settings, Clock.systemUTC());
    }

    TestWorker(TestDatabase database, Map<String, String> settings, Clock clock) {
        this(database.source(), settings, clock);
    }

    /** On a server of the test's own. */
    public TestWorker(DataSource source, Map<String, String> settings, Clock clock) {
        config = TestSettings.with(settings);
        transactions = new Transactions(source);
        policies = Policies.load(config);
        ObjectMapper json = new ObjectMapper()
                .registerModule(new JavaTimeModule())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
        MailOutbox outbox = new MailOutbox(
                MailOutbox.Owner.CLEANUP,
                source,
                intent -> new MailGateway.Outcome.Unavailable("no mail in this test"),
                json);
        worker = Workers.create(
                new Workers.Surroundings(
                        source,
                        outbox,
                        new CleanupMetrics(new SimpleMeterRegistry()),
                        config,
                        json,
                        new ApplicationLatency(config.throttle(), System::nanoTime),
                        clock),
                policies,
                stop);
        replay = new EngineBeans()
                .replay(
                        transactions,
                        policies,
                        preflight(),
                        outbox,
                        new CleanupMetrics(new SimpleMeterRegistry()),
                        config,
                        json);
        requests = new RunRequests(transactions, new RunOpening(), policies, new RunReports(outbox, config, json));
    }

    public CleanupConfig settings() {
        return config;
    }

    public Preflight preflight() {
        return new Preflight(transactions, new CatalogueRepository());
    }

    public RetentionPolicy policy(String name) {
        return policies.find(name).orElseThrow();
    }

    public Readiness check(String policy) {
        return preflight().check(policy(policy));
    }

    /** What the ledger says that cannot be. */
    public List<LedgerAudit.Fault> ledgerFaults() {
        return new LedgerAudit(transactions, new LedgerRepository()).verify().faults();
    }

    Replay replay() {
        return replay;
    }

    Engine engine() {
        return worker.engine();
    }

    /** As a batch of the policy does before it picks. */
    public static void shutHoldGates(Session session, ArmedPolicy armed) throws SQLException {
        HoldGates.shut(session, armed);
    }

    /** A run that somebody asked for and nobody has taken up. */
    UUID begin(String policy) {
        return ((RunRequests.Outcome.Done) requests.begin(policy(policy), "test", null)).run();
    }

    Optional<Claimed> claim(Duration lease) {
        return transactions.run("test.claim", session -> runs.claim(session, UUID.randomUUID(), lease));
    }

    /** Says yes to a run that asks, and carries it to its end. */
    public void approve(UUID run, long maxRows) {
        requests.approve(run, maxRows, "boss");
        worker.work();
    }

    /** Carries on what was begun. */
    public void goOn() {
        worker.work();
    }

    /** Runs one policy now and to its end. */
    public UUID runNow(String policy) {
        UUID run = begin(policy);
        worker.work();
        return run;
    }
}
