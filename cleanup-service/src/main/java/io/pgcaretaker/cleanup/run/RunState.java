package io.pgcaretaker.cleanup.run;

import java.util.Arrays;
import java.util.Locale;

/** Where a run is. The word is the same in the table, the log, the metric and the answer. */
public enum RunState {
    /** Nobody has taken it yet. */
    WAITING,
    RUNNING,
    /** An operator stopped it for now; it goes on at the cursor. */
    PAUSED,
    /** The breaker tripped: nothing goes, or nothing more, until an operator decides. */
    NEEDS_APPROVAL,
    COMPLETED,
    CANCELLED,
    /** Something could not be proven safe: nothing was deleted. */
    REFUSED,
    /** It ended before its work was done. */
    FAILED;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Nothing more comes of it, unless an operator approves it. */
    boolean isOver() {
        return this != WAITING && this != RUNNING && this != PAUSED;
    }

    public static RunState parse(String wireName) {
        return Arrays.stream(values())
                .filter(state -> state.wireName().equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no run state is called '" + wireName + "'"));
    }
}
