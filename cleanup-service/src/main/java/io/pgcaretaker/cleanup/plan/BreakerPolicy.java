package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.cleanup.policy.Limits;

/** Decides before the first row whether a run may begin. It never lets a part through. */
public final class BreakerPolicy {

    /** What it says. */
    public enum Verdict {
        PASS,
        /** More rows than {@code max-rows}. */
        TOO_MANY_ROWS,
        /** A larger share of the table than {@code max-fraction}. */
        TOO_LARGE_FRACTION
    }

    private BreakerPolicy() {}

    /**
     * Decides by both limits.
     *
     * @param matched rows that would go; counted no further than {@code maxRows + 1}
     * @param tableRows rows of the table, as far as is known
     */
    public static Verdict decide(Limits limits, long matched, long tableRows) {
        if (matched > limits.maxRows()) {
            return Verdict.TOO_MANY_ROWS;
        }
        if (matched > limits.maxFraction() * Math.max(tableRows, matched)) {
            return Verdict.TOO_LARGE_FRACTION;
        }
        return Verdict.PASS;
    }
}
