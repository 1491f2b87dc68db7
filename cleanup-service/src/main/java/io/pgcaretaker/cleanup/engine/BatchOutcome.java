package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.statement.Cursor;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What came of one batch. */
sealed interface BatchOutcome {

    /**
     * Committed.
     *
     * @param units rows or blocks that the window had; 0: it is no measure of others
     * @param rows gone, by table
     * @param next where the following window begins
     * @param removal how long the statements of the window took; the rest is the same whatever its size
     * @param after what the run's row says now
     * @param end there when the window was the pass's last one
     */
    record Done(
            int units,
            @Nullable Cursor next,
            Map<String, Long> rows,
            Duration removal,
            Claimed.Position after,
            Optional<PassDone> end)
            implements BatchOutcome {
        public Done {
            rows = Map.copyOf(rows);
        }
    }

    /**
     * Nothing is left after the cursor.
     *
     * @param open rows that had matched when the run began and have not gone; 0: no need to count again; empty: it is not
     *     known how many had matched
     */
    record PassDone(boolean secondPass, OptionalLong open) implements BatchOutcome {
        boolean accounted() {
            return open.equals(OptionalLong.of(0));
        }
    }

    /** Rolled back: the window holds more than one transaction takes. */
    record TooMany() implements BatchOutcome {}

    /** The kill switch is set; nothing was done. */
    record Stopped() implements BatchOutcome {}

    /** The run is no longer ours, or no longer to run; nothing was done. */
    record Fenced() implements BatchOutcome {}
}
