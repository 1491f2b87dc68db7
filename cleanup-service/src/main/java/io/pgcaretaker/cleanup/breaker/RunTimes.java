package io.pgcaretaker.cleanup.breaker;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The database's view of time.
 *
 * @param lastCutoff of the policy's completed runs in this mode; absent: there was none
 * @param lastStart of its runs in this mode
 */
public record RunTimes(
        Instant now,
        boolean standby,
        @Nullable Instant lastCutoff,
        @Nullable Instant lastStart) {

    /** As if there had been no run before whose cutoff could be compared. */
    public RunTimes withoutLastCutoff() {
        return new RunTimes(now, standby, null, lastStart);
    }
}
