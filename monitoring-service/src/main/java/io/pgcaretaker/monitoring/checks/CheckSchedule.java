package io.pgcaretaker.monitoring.checks;

import io.pgcaretaker.monitoring.Disabled;
import io.pgcaretaker.monitoring.collect.HeavyLane;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.inject.Singleton;
import java.util.List;

/** Runs the checks now and then; they change slowly and cost more than a counter. */
@Singleton
class CheckSchedule {

    private final HeavyLane lane;
    private final List<Check> checks = Check.folder("checks");

    CheckSchedule(HeavyLane lane) {
        this.lane = lane;
    }

    List<Check> checks() {
        return checks;
    }

    @Scheduled(
            every = "{caretaker.monitoring.collect.slow-interval}",
            skipExecutionIf = Disabled.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tick() {
        lane.pass(checks.stream().map(Check::collector).toList());
    }
}
