package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.breaker.BreakerPolicy;
import java.util.Locale;

/** Why a run ended or waits for approval. The word is the same in the table, the log, the metric and the answer. */
public enum StopReason {
    DONE,
    CANCELLED,
    /** A newer run of the policy tripped the breaker too, or came through. */
    SUPERSEDED,
    BREAKER_ROWS,
    BREAKER_FRACTION,
    /** Far more rows than in any of the runs before. */
    BREAKER_DRIFT,
    /** The retention has become shorter since the last run: somebody must say that it is meant. */
    RETENTION_SHORTENED,
    /** The filter has lost or loosened a condition since the last run: somebody must say that it is meant. */
    FILTER_WIDENED,
    /** Less is kept of rows, they are as old as another column says, or nobody is told any more: somebody must say that it is meant. */
    TERMS_LOOSENED,
    /** The first rows of a policy were not those that should go. */
    CANARY,
    CLOCK_SKEW,
    CLOCK_JUMP,
    STANDBY,
    PREFLIGHT,
    NOT_APPLICABLE,
    POLICY_CHANGED,
    /** A trigger keeps rows whose dependents would go. */
    ROWS_KEPT,
    DATABASE_ERROR,
    /** The directory or the bucket does not take the rows: its batch was rolled back. */
    ARCHIVE_ERROR,
    INTERNAL_ERROR;

    /** A run that a breaker stops ends for the breaker's reason: the words are the same. */
    public static StopReason of(BreakerPolicy.Verdict verdict) {
        return valueOf(verdict.name());
    }

    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
