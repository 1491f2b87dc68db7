package io.pgcaretaker.cleanup.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.policy.Policies;
import java.time.Clock;
import org.junit.jupiter.api.Test;

/** How far behind a policy is: what was measured, or that nobody knows. */
class LagDbTest extends CleanupDbTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final TestWorker worker =
            new TestWorker(database, TestPolicy.of("old-logs", "logs", "P7D").settings());
    private final Census census = new Census(worker.transactions);
    private final LagSchedule schedule = new LagSchedule(
            worker.policies,
            worker.preflight(),
            census,
            new PartitionCensus(worker.transactions, census),
            new CleanupMetrics(registry),
            Clock.systemUTC());

    private double lag(String policy) {
        schedule.measure();
        return registry.get("caretaker.cleanup.retention.lag")
                .tag("policy", policy)
                .gauge()
                .value();
    }

    @Test
    void whatCannotBeMeasuredIsNotWhatItWasBefore() throws Exception {
        database.execute("create table logs (id bigint primary key, at timestamptz); create index on logs (at, id);"
                + " insert into logs values (1, now() - interval '9 days')");

        assertThat(lag("old-logs")).isBetween(2 * 86_400.0, 3 * 86_400.0);
        assertThat(lag(Policies.USERS)).as("not applicable").isZero();
        try (OpenTransaction owner = OpenTransaction.begin(database, "lock table logs in access exclusive mode")) {
            assertThat(lag("old-logs")).as("locked").isNaN();
            owner.rollback();
        }
        database.execute("delete from logs");
        assertThat(lag("old-logs")).isZero();
        database.execute("alter table logs drop constraint logs_pkey");
        assertThat(lag("old-logs")).as("blocked").isNaN();
    }
}
