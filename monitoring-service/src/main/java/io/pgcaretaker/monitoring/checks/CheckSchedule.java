package io.pgcaretaker.monitoring.checks;

import io.pgcaretaker.monitoring.Disabled;
import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.pgcaretaker.monitoring.collect.HeavyLane;
import io.pgcaretaker.monitoring.collect.Reading;
import io.pgcaretaker.monitoring.collect.Readings;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** Runs the checks now and then, since they change slowly and cost more than a counter, and writes down what they found. */
@Singleton
class CheckSchedule {

    private static final Logger LOG = Logger.getLogger(CheckSchedule.class);

    /** How long a finding that is gone is remembered. */
    private static final Duration MEMORY = Duration.ofDays(366);

    private final HeavyLane lane;
    private final Readings readings;
    private final DataSource database;
    private final DatabaseGate gate;
    private final Clock clock;
    private final FindingRepository findings = new FindingRepository();
    /** One of an id may speak to some server versions, another to others. */
    private final List<Check> all = Check.folder("checks");

    CheckSchedule(HeavyLane lane, Readings readings, DataSource database, DatabaseGate gate, Clock clock) {
        this.lane = lane;
        this.readings = readings;
        this.database = database;
        this.gate = gate;
        this.clock = clock;
    }

    /** Each id once. */
    List<Check> checks() {
        Set<String> seen = new HashSet<>();
        List<Check> each = new ArrayList<>(all);
        each.removeIf(check -> !seen.add(check.id()));
        return each;
    }

    @Scheduled(
            every = "{caretaker.monitoring.collect.slow-interval}",
            skipExecutionIf = Disabled.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tick() {
        lane.passAndLeave(all.stream().map(Check::collector).toList());
        if (gate.isOpen()) {
            record();
        }
    }

    /** A look that did not succeed says nothing: what was found stays found. */
    private void record() {
        try {
            for (Check check : checks()) {
                Reading reading = readings.of(check.collector().name());
                Instant at = reading.collectedAt();
                if (reading.outcome() == CollectOutcome.OK && at != null) {
                    Transaction.run(database, "finding-record", connection -> {
                        findings.record(
                                connection,
                                check.id(),
                                check.severity(),
                                CheckResult.of(check, reading).findings(),
                                at);
                        return true;
                    });
                }
            }
            Transaction.run(
                    database,
                    "finding-drop",
                    connection -> findings.drop(connection, clock.instant().minus(MEMORY)));
        } catch (SQLException e) {
            LOG.errorf(e, "findings were not written, will be repeated sqlstate=%s", e.getSQLState());
        }
    }
}
