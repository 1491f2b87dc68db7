package io.pgcaretaker.cleanup.restore;

import java.util.Locale;
import java.util.Map;

/** What came of a restore. */
sealed interface RestoreOutcome {

    /** In the log. */
    default String word() {
        return getClass().getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** The row lives again, with what was deleted with it: rows by table. */
    record Restored(Map<String, Long> rows) implements RestoreOutcome {
        public Restored {
            rows = Map.copyOf(rows);
        }
    }

    /** There is no such row, or no longer. */
    record Gone() implements RestoreOutcome {}

    /** The row was not deleted. */
    record NotDeleted() implements RestoreOutcome {}

    /** The retention is over; the row may go at any moment. */
    record WindowOver() implements RestoreOutcome {}

    /** Another row has a value that must be unique: which, as the index says it, such as {@code lower(email)}. */
    record Taken(String what) implements RestoreOutcome {}

    /** Somebody holds the row, perhaps the run that purges it. */
    record Busy() implements RestoreOutcome {}

    /** The key cannot be one of this table. */
    record BadKey() implements RestoreOutcome {}

    /** The database does not take the row as it would be: why, for an operator. */
    record Refused(String why) implements RestoreOutcome {}
}
