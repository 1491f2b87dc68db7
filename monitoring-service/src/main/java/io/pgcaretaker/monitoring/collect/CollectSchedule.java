package io.pgcaretaker.monitoring.collect;

import io.pgcaretaker.monitoring.Disabled;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.event.Event;

/** The collectors' clock. It goes on while the database is away: that is when it matters. */
class CollectSchedule {

    private final Collection.Lanes lanes;
    private final Event<Looked> looked;

    CollectSchedule(Collection.Lanes lanes, Event<Looked> looked) {
        this.lanes = lanes;
        this.looked = looked;
    }

    @Scheduled(
            every = "{caretaker.monitoring.collect.fast-interval}",
            skipExecutionIf = Disabled.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void fast() {
        lanes.fast();
        looked.fire(new Looked());
    }

    @Scheduled(
            every = "{caretaker.monitoring.collect.medium-interval}",
            skipExecutionIf = Disabled.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void medium() {
        lanes.medium();
        looked.fire(new Looked());
    }

    @Scheduled(
            every = "{caretaker.monitoring.collect.costly-interval}",
            skipExecutionIf = Disabled.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void costly() {
        lanes.costly();
        looked.fire(new Looked());
    }

    @Scheduled(
            every = "{caretaker.monitoring.collect.slow-interval}",
            skipExecutionIf = Disabled.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void slow() {
        lanes.slow();
        looked.fire(new Looked());
    }

    /** An outage must not be longer for who looks seldom: what found no database then looks when it is back. */
    @Scheduled(
            every = "{caretaker.monitoring.collect.fast-interval}",
            skipExecutionIf = Disabled.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void missed() {
        if (lanes.catchUp()) {
            looked.fire(new Looked());
        }
    }
}
