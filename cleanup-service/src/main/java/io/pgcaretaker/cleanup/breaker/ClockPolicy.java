package io.pgcaretaker.cleanup.breaker;

import io.pgcaretaker.cleanup.breaker.BreakerPolicy.Trip;
import io.pgcaretaker.cleanup.breaker.BreakerPolicy.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Refuses to delete by a clock that cannot be right. */
public final class ClockPolicy {

    /** A service that was off for a holiday is no reason for an alarm. */
    private static final Duration LONGEST_BREAK = Duration.ofDays(35);

    private ClockPolicy() {}

    /**
     * Decides.
     *
     * @param here this process's clock
     * @param maxSkew how far the two may be apart
     * @param every how often the policy runs
     */
    public static Optional<Trip> trip(RunTimes times, Instant here, Duration maxSkew, Instant cutoff, Duration every) {
        Instant database = times.now();
        if (Duration.between(database, here).abs().compareTo(maxSkew) > 0) {
            return Optional.of(
                    new Trip(Verdict.CLOCK_SKEW, "the database's clock says " + database + ", this process's " + here));
        }
        Instant lastStart = times.lastStart();
        if (lastStart != null && database.isBefore(lastStart.minus(maxSkew))) {
            return Optional.of(new Trip(
                    Verdict.CLOCK_JUMP,
                    "the database's clock says " + database + ", the last run began at " + lastStart));
        }
        Duration periods = every.multipliedBy(3);
        Duration farthest = periods.compareTo(LONGEST_BREAK) > 0 ? periods : LONGEST_BREAK;
        Instant lastCutoff = times.lastCutoff();
        if (lastCutoff != null && cutoff.isAfter(lastCutoff.plus(farthest))) {
            return Optional.of(new Trip(
                    Verdict.CLOCK_JUMP,
                    "the database's clock says " + database + ", the last run's cutoff was " + lastCutoff));
        }
        return Optional.empty();
    }
}
