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
    /** Far more rows than in any of the runs before. */
    BREAKER_DRIFT,
    /** The retention has become shorter since the last run: somebody must say that it is meant. */
    RETENTION_SHORTENED,
    /** The first rows of a policy were not those that should go. */
    CANARY,
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
