package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.engine.TestWorker;
import org.junit.jupiter.api.Test;

/** A run that ended badly is told by every replica, also by one that has just started. */
class LastRunDbTest extends CleanupDbTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final TestWorker worker =
            new TestWorker(database, TestPolicy.of("old-logs", "logs", "P7D").settings());
    private final LastRunSchedule schedule =
            new LastRunSchedule(worker.policies, worker.transactions, new CleanupMetrics(registry));

    private double last(String state) {
        schedule.look();
        return registry.get("caretaker.cleanup.last.run")
                .tag("policy", "old-logs")
                .tag("state", state)
                .gauge()
                .value();
    }

    private void ended(String state) {
        database.execute(
                "insert into caretaker.cleanup_run (policy, policy_hash, mode, trigger, slot, requested_by, state)"
                        + " values ('old-logs', '', 'enforce', 'manual', now(), 'test', '" + state + "')");
    }

    @Test
    void whatEndedBadlyIsToldUntilAnotherRunEndsWell() {
        assertThat(last("failed")).as("there before the first run").isZero();
        ended("failed");
        assertThat(last("failed")).isEqualTo(1);
        ended("cancelled");
        assertThat(last("failed")).as("it says nothing").isEqualTo(1);
        ended("needs-approval");
        assertThat(last("failed")).isZero();
        assertThat(last("needs-approval")).isEqualTo(1);
        ended("waiting");
        assertThat(last("needs-approval")).isEqualTo(1);
        ended("completed");
        assertThat(last("needs-approval")).isZero();
    }
}
