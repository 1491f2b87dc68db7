package io.pgcaretaker.monitoring.alert;

import java.util.Locale;

/** What one evaluation did: for the log and the metric. */
public record EvaluationOutcome(Kind kind, int opened, int resolved, int mails) {

    /** The same word everywhere. */
    public enum Kind {
        DONE,
        /** Another replica has the lease. */
        NOT_HOLDER,
        /** Another session, a replica's or not, holds a lock on what would be written. */
        LOCKED;

        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    static final EvaluationOutcome NOT_HOLDER = new EvaluationOutcome(Kind.NOT_HOLDER, 0, 0, 0);

    static final EvaluationOutcome LOCKED = new EvaluationOutcome(Kind.LOCKED, 0, 0, 0);
}
