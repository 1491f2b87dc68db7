package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.plan.Cursor;
import io.pgcaretaker.cleanup.policy.Mode;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A run that this worker owns, as it was when it was claimed.
 *
 * @param fence repeated in every write; who has an older one changes nothing
 * @param cutoff absent until the first owner fixes it
 */
record Claimed(
        UUID id,
        String policy,
        String policyHash,
        Mode mode,
        boolean manual,
        long fence,
        @Nullable Instant cutoff,
        boolean breakerPassed,
        @Nullable Long approvedMaxRows) {

    /**
     * What a batch finds when it has locked the run's row.
     *
     * @param tables rows deleted so far by table, as JSON
     * @param matched rows of the policy's table that were to go when the run began
     */
    record Position(
            boolean secondPass,
            @Nullable Cursor cursor,
            String tables,
            @Nullable Long matched,
            int ledgerSeq,
            @Nullable String ledgerHash,
            Instant now) {}
}
