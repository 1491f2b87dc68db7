package io.pgcaretaker.monitoring.collect;

import io.pgcaretaker.monitoring.Disabled;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;

/** The collectors' clock. It goes on while the database is away: that is when it matters. */
class CollectSchedule {

    private final Collection.Lanes lanes;

    CollectSchedule(Collection.Lanes lanes) {
        this.lanes = lanes;
    }

    @Scheduled(
            every = "{caretaker.monitoring.collect.fast-interval}",
            skipExecutionIf = Disabled.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void fast() {
        lanes.fast();
    }

    @Scheduled(
            every = "{caretaker.monitoring.collect.medium-interval}",
            skipExecutionIf = Disabled.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void medium() {
        lanes.medium();
    }

    @Scheduled(
            every = "{caretaker.monitoring.collect.costly-interval}",
            skipExecutionIf = Disabled.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void costly() {
        lanes.costly();
    }

    @Scheduled(
            every = "{caretaker.monitoring.collect.slow-interval}",
            skipExecutionIf = Disabled.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void slow() {
        lanes.slow();
    }
}
