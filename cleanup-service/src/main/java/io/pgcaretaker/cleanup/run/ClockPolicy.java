package io.pgcaretaker.cleanup.run;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Refuses to delete by a clock that cannot be right. */
final class ClockPolicy {

    /** A service that was off for a holiday is no reason for an alarm. */
    private static final Duration LONGEST_BREAK = Duration.ofDays(35);

    /** What it says. */
    enum Verdict {
        PLAUSIBLE,
        /** The database's clock and this process's are too far apart. */
        SKEW,
        /** The database's clock went back, or leapt ahead, since the last run. */
        JUMP
    }

    private ClockPolicy() {}

    static Verdict decide(
            Instant database,
            Instant here,
            Duration maxSkew,
            Instant cutoff,
            @Nullable Instant lastCutoff,
            @Nullable Instant lastStart,
            Duration every) {
        if (Duration.between(database, here).abs().compareTo(maxSkew) > 0) {
            return Verdict.SKEW;
        }
        if (lastStart != null && database.isBefore(lastStart.minus(maxSkew))) {
            return Verdict.JUMP;
        }
        Duration periods = every.multipliedBy(3);
        Duration farthest = periods.compareTo(LONGEST_BREAK) > 0 ? periods : LONGEST_BREAK;
        if (lastCutoff != null && cutoff.isAfter(lastCutoff.plus(farthest))) {
            return Verdict.JUMP;
        }
        return Verdict.PLAUSIBLE;
    }
}
