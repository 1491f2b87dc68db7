package io.pgcaretaker.monitoring.latency;

/**
 * What pg_stat_statements has counted of one statement.
 *
 * @param queryId 0: of another user, and hidden from this one
 */
record StatementCount(long userId, long queryId, long calls, double totalMs) {

    static final long HIDDEN = 0;

    /** What came since an earlier look. A counter that went back (a reset, an eviction, a restart) counts from zero. */
    StatementCount since(StatementCount before) {
        boolean wentBack = calls < before.calls || totalMs < before.totalMs - 0.001;
        return wentBack ? this : new StatementCount(userId, queryId, calls - before.calls, totalMs - before.totalMs);
    }
}
