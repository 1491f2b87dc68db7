package io.pgcaretaker.cleanup.run;

import java.util.Map;

/** What came of one batch. */
sealed interface BatchOutcome {

    /** Committed: so many rows of the policy's table were picked, and so many went from each table. */
    record Deleted(int picked, Map<String, Long> rows) implements BatchOutcome {
        public Deleted {
            rows = Map.copyOf(rows);
        }
    }

    /** Nothing is left after the cursor. */
    record PassDone(boolean secondPass) implements BatchOutcome {}

    /** Rolled back: the rows picked have more dependents than one transaction takes. */
    record TooMany() implements BatchOutcome {}

    /** Rolled back: fewer rows went than were picked, although they were locked. */
    record Disturbed(int picked, long deleted) implements BatchOutcome {}

    /** The run is no longer ours, or no longer to run; nothing was done. */
    record Fenced() implements BatchOutcome {}
}
