package io.pgcaretaker.cleanup.policy;

import io.pgcaretaker.cleanup.policy.RetentionPolicy.Assignment;
import java.time.Duration;
import java.util.List;

/**
 * Rows that the application soft-deletes with a row of the policy's table, and that come back with it.
 *
 * @param table one of the policy's dependents, as {@code table} or {@code schema.table}
 * @param column when a row of it was soft-deleted
 * @param within a row that was soft-deleted no more than this before the policy's row was deleted with it; one that was
 *     deleted earlier was deleted for itself, and stays so
 * @param set what the undo sets
 */
public record RestoredDependent(String table, String column, Duration within, List<Assignment> set) {

    /** An application that writes times of its own writes them one after the other. */
    static final Duration WITHIN = Duration.ofSeconds(10);

    public RestoredDependent {
        set = List.copyOf(set);
        if (set.isEmpty()) {
            throw new IllegalArgumentException("restore-dependents must say what to set in " + table);
        }
        if (within.isNegative() || within.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException(
                    "restore-dependents.within must be between 0 and 1 hour, but is '" + within + "'");
        }
    }
}
