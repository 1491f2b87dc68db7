package io.pgcaretaker.cleanup.policy;

/**
 * The breaker's limits. Both are mandatory, and 0 means that nothing may go, never that there is no limit.
 *
 * @param maxRows rows of the policy's table that one run may delete
 * @param maxFraction the share of the table that one run may delete, 0 to 1
 */
public record Limits(long maxRows, double maxFraction) {

    /** More than any table has; a limit beyond is a slip of the keyboard. */
    public static final long MOST = 1_000_000_000_000L;

    public Limits {
        if (maxRows < 0 || maxRows > MOST) {
            throw new IllegalArgumentException("max-rows must be between 0 and " + MOST + ", but is " + maxRows);
        }
        if (!(maxFraction >= 0 && maxFraction <= 1)) {
            throw new IllegalArgumentException("max-fraction must be between 0 and 1, but is " + maxFraction);
        }
    }
}
