package io.pgcaretaker.startup;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduler;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Halted while something may still refuse the start: a service that is not started has done nothing. */
@Singleton
class Timers {

    void onStarted(@Observes @Priority(Integer.MAX_VALUE) StartupEvent event, Scheduler scheduler) {
        scheduler.resume();
    }
}
