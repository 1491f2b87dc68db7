package io.pgcaretaker.monitoring.latency;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long the application's statements took in the last window, without Caretaker's own and without what only opens,
 * closes or sets something.
 *
 * @param available false: nothing can be said, and why
 * @param needs what would help, such as a grant
 * @param since when the window began; {@code until} is when it ended
 * @param calls statements that ended in it
 * @param meanMs of all of them; absent without any
 * @param compared the part of them of which it is known how long they usually take; absent without any
 */
public record Latency(
        Instant timestamp,
        boolean available,
        @Nullable String reason,
        @Nullable String needs,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable Long calls,
        @Nullable Double callsPerSecond,
        @Nullable Double meanMs,
        @Nullable Compared compared) {

    /**
     * The same statements, then and now.
     *
     * @param usualMs what as many calls of each of them took, by the median of the last day's windows
     */
    public record Compared(long calls, double meanMs, double usualMs) {}

    static Latency unavailable(Instant now, String reason, @Nullable String needs) {
        return new Latency(now, false, reason, needs, null, null, null, null, null, null);
    }

    Latency at(Instant now) {
        return new Latency(now, available, reason, needs, since, until, calls, callsPerSecond, meanMs, compared);
    }
}
