package io.pgcaretaker.cleanup.run;

import java.util.Locale;

/** Why a run ended or waits for approval. The word is the same in the table, the log, the metric and the answer. */
public enum StopReason {
    DONE,
    CANCELLED,
    /** A newer run of the policy tripped the breaker too. */
    SUPERSEDED,
    BREAKER_ROWS,
    BREAKER_FRACTION,
    CLOCK_SKEW,
    CLOCK_JUMP,
    STANDBY,
    PREFLIGHT,
    NOT_APPLICABLE,
    POLICY_CHANGED,
    RETRIES_EXHAUSTED,
    DATABASE_ERROR,
    INTERNAL_ERROR;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
