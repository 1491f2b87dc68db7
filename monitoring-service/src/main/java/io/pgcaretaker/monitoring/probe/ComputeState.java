package io.pgcaretaker.monitoring.probe;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the control plane says of a database that may sleep.
 *
 * @param lastActive when somebody last used it, ourselves included
 */
record ComputeState(Kind kind, @Nullable Instant lastActive) {

    static final ComputeState UNKNOWN = new ComputeState(Kind.UNKNOWN, null);

    enum Kind {
        ACTIVE,
        IDLE,
        UNKNOWN
    }
}
