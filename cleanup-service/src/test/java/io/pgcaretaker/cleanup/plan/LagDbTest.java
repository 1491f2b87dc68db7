package io.pgcaretaker.cleanup.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.notice.TestNotices;
import io.pgcaretaker.cleanup.policy.Policies;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How far behind a policy is: what was measured, or that nobody knows. */
class LagDbTest extends CleanupDbTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private LagSchedule of(TestWorker worker) {
        Census census = new Census(worker.transactions);
        return new LagSchedule(
                worker.policies,
                worker.preflight(),
                census,
                new PartitionCensus(worker.transactions, census),
                new CleanupMetrics(registry),
                Clock.systemUTC());
    }

    private double lag(LagSchedule schedule, String policy) {
        schedule.measure();
        return lag(policy);
    }

    private double lag(String policy) {
        return registry.get("caretaker.cleanup.retention.lag")
                .tag("policy", policy)
                .gauge()
                .value();
    }

    @Test
    void whatCannotBeMeasuredIsNotWhatItWasBefore() throws Exception {
        database.execute(
                "drop table if exists logs; create table logs (id bigint primary key, at timestamptz); create index on logs (at, id);"
                        + " insert into logs values (1, now() - interval '9 days')");

        LagSchedule schedule = of(new TestWorker(
                database, TestPolicy.of("old-logs", "logs", "P7D").settings()));

        assertThat(lag(schedule, "old-logs")).isBetween(2 * 86_400.0, 3 * 86_400.0);
        assertThat(lag(schedule, Policies.USERS)).as("not applicable").isZero();
        try (OpenTransaction owner = OpenTransaction.begin(database, "lock table logs in access exclusive mode")) {
            assertThat(lag(schedule, "old-logs")).as("locked").isNaN();
            owner.rollback();
        }
        database.execute("delete from logs");
        assertThat(lag(schedule, "old-logs")).isZero();
        database.execute("alter table logs drop constraint logs_pkey");
        assertThat(lag(schedule, "old-logs")).as("blocked").isNaN();
    }

    /** No run drops it, and each is completed. */
    @Test
    void whatAPartitionKeepsThatIsNotDroppedIsOverdue() {
        database.execute(
                "drop table if exists logs; create table logs (id bigint, at timestamptz) partition by range (at);"
                        + " create table logs_0 partition of logs for values from ('2000-01-01') to ('2001-01-01');"
                        + " create table logs_1 partition of logs for values from ('2001-01-01') to ('2002-01-01');"
                        + " create view first_logs as select * from logs_0; create view old_logs as select * from logs_1;"
                        + " insert into logs values (1, '2001-06-01')");
        LagSchedule schedule = of(new TestWorker(
                database,
                TestPolicy.of("old-logs", "logs", "P7D")
                        .with("action", "drop-partitions")
                        .settings()));

        assertThat(lag(schedule, "old-logs")).isGreaterThan(20 * 365 * 86_400.0);
    }

    /** It is never dropped, and takes in what comes while no other partition is there for it. */
    @Test
    void whatIsTooOldInTheDefaultPartitionIsOverdue() {
        database.execute(
                "drop table if exists logs; create table logs (id bigint, at timestamptz) partition by range (at);"
                        + " create table logs_0 partition of logs for values from ('2000-01-01') to ('2001-01-01');"
                        + " create table logs_else partition of logs default;"
                        + " insert into logs values (1, '2000-06-01'), (2, now()), (3, null), (4, '-infinity')");
        LagSchedule schedule = of(new TestWorker(
                database,
                TestPolicy.of("old-logs", "logs", "P7D")
                        .with("action", "drop-partitions")
                        .settings()));
        double expired = lag(schedule, "old-logs");
        database.execute("drop table logs_0");
        assertThat(lag(schedule, "old-logs")).isZero();

        database.execute("insert into logs values (5, now() - interval '9 days')");

        assertThat(expired).isGreaterThan(20 * 365 * 86_400.0);
        assertThat(lag(schedule, "old-logs")).isBetween(2 * 86_400.0, 3 * 86_400.0);
    }

    /** As while a long transaction has it, or for ever where a dump of that moment was restored: its table does not show it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasDetachedAndNotDroppedIsOverdue(boolean restored) {
        database.execute(
                "drop table if exists logs; create table logs (id bigint, at timestamptz) partition by range (at);"
                        + " create table logs_0 partition of logs for values from ('2000-01-01') to ('2001-01-01');"
                        + " insert into logs values (1, '2000-06-01')");
        TestWorker worker = new TestWorker(
                database,
                TestPolicy.of("old-logs", "logs", "P7D")
                        .with("action", "drop-partitions")
                        .limits(1, 0)
                        .settings());
        UUID run = worker.runNow("old-logs");
        database.execute("insert into caretaker.cleanup_partition"
                + " (run_id, policy, parent_schema, parent_table, partition_schema, partition_table, partition_oid, bound)"
                + " select '" + run
                + "', 'old-logs', 'public', 'logs', 'public', 'logs_0', oid, pg_get_expr(relpartbound, oid)"
                + " from pg_class where relname = 'logs_0'; alter table logs detach partition logs_0");
        if (restored) {
            database.execute("create table again as select * from logs_0; drop table logs_0;"
                    + " alter table again rename to logs_0");
        }
        LagSchedule schedule = of(worker);
        double lag = lag(schedule, "old-logs");

        database.execute("drop table logs_0");

        assertThat(lag).isGreaterThan(20 * 365 * 86_400.0);
        assertThat(lag(schedule, "old-logs")).isZero();
    }

    /** While no notice could be handed over, or too many were to be told at once, nobody went, and nothing was overdue. */
    @Test
    void whoNobodyCouldTellIsOverdueAndWhoHasBeenToldIsNotYet() throws Exception {
        database.execute(
                "drop table if exists logs; create table logs (id bigint primary key, email text, gone boolean, at timestamptz);"
                        + " create index on logs (at, id);"
                        + " insert into logs values (1, 'one@example.com', true, now() - interval '9 days')");
        TestWorker telling = new TestWorker(
                database,
                TestPolicy.of("old-logs", "logs", "P7D")
                        .with("restore", "[{ column: gone, to: false }]")
                        .with("notice", "{ before: P3D, email-column: email, undeliverable: hold }")
                        .settings(Map.of("public-url", "https://app.example.com")));
        LagSchedule schedule = of(telling);
        assertThat(lag(schedule, "old-logs")).as("nobody was told").isBetween(2 * 86_400.0, 3 * 86_400.0);

        new TestNotices(telling).tick();
        assertThat(lag(schedule, "old-logs")).as("the mail is on its way").isZero();

        database.execute("update caretaker.deletion_notice set state = 'delivered', due_at = now() + interval '1 day'");
        assertThat(lag(schedule, "old-logs")).as("was told just now").isZero();

        database.execute("update caretaker.deletion_notice set due_at = now() - interval '1 minute'");
        assertThat(lag(schedule, "old-logs")).as("its time is over").isGreaterThanOrEqualTo(2 * 86_400.0);

        database.execute("update caretaker.deletion_notice set state = 'undeliverable'");
        assertThat(lag(schedule, "old-logs")).as("stays by its policy").isZero();
    }
}
