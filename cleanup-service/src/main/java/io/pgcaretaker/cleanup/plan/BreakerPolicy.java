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
        TOO_LARGE_FRACTION,
        /** Far more than in any of the runs before. */
        DRIFT
    }

    /** So many runs say what is usual. */
    private static final int RUNS = 5;

    /** So many times the most of them is not usual any more … */
    private static final long TIMES = 10;

    /** … unless it is little. */
    private static final long LITTLE = 1_000;

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

    /**
     * Decides by what runs before this one found.
     *
     * @param runs how many there were
     * @param most rows that any of them matched
     */
    public static Verdict drift(long matched, int runs, long most) {
        return runs >= RUNS && matched > LITTLE && matched / TIMES > most ? Verdict.DRIFT : Verdict.PASS;
    }
}
