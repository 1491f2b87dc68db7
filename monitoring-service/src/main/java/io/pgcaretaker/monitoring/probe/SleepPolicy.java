package io.pgcaretaker.monitoring.probe;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Whether to look at a database that may sleep. No clock, no database. */
final class SleepPolicy {

    enum Step {
        CONNECT,
        STAY,
        LEAVE,
        KEEP_AWAY
    }

    private final Duration leaveAfter;

    SleepPolicy(Duration leaveAfter) {
        this.leaveAfter = leaveAfter;
    }

    /**
     * What to do now.
     *
     * @param leftAt when we last left; absent when we were never there
     * @param foreignActivity when others last did something there, as far as we saw
     */
    Step next(
            ComputeState state,
            boolean connected,
            @Nullable Instant leftAt,
            @Nullable Instant foreignActivity,
            Instant now) {
        if (state.kind() != ComputeState.Kind.ACTIVE) {
            return connected ? Step.LEAVE : Step.KEEP_AWAY;
        }
        if (connected) {
            boolean alone = foreignActivity == null || foreignActivity.isBefore(now.minus(leaveAfter));
            return alone ? Step.LEAVE : Step.STAY;
        }
        // Our own last look counts as activity there; only what is clearly after it is somebody else's.
        Instant active = state.lastActive();
        boolean others = leftAt == null || (active != null && active.isAfter(leftAt.plus(leaveAfter)));
        return others ? Step.CONNECT : Step.KEEP_AWAY;
    }
}
