package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.run.Claimed;

/** Decides what follows a batch that did not succeed. Only what may succeed the next time is tried again. */
final class RetryPolicy {

    /** Failures in a row that are answered by trying again. */
    static final int MOST_RETRIES = 8;

    private RetryPolicy() {}

    /** What to do. */
    enum Answer {
        GIVE_UP,
        /** The same window, without the rows that somebody holds. */
        CAREFUL,
        /** On behind what cannot be taken. */
        SKIP,
        SMALLER_AT_ONCE,
        SMALLER_LATER,
        LATER
    }

    /**
     * Where the batch stood.
     *
     * @param failures in a row, this one included
     * @param smallest the window cannot be smaller
     * @param careful locked rows were left already
     * @param partitioned a table that a statement names may be a partition
     */
    record Situation(int failures, boolean smallest, boolean careful, Claimed.Phase phase, boolean partitioned) {
        boolean secondPass() {
            return phase == Claimed.Phase.SECOND_PASS;
        }
    }

    static Answer decide(DatabaseFailure failure, Situation situation) {
        boolean exhausted = situation.failures() > MOST_RETRIES;
        boolean staysLocked = situation.secondPass() && failure.isLockTimeout();
        if (failure.isGone() && situation.partitioned()) {
            // A partition that was dropped between the look and the lock: the next look finds the one after it.
            return exhausted ? Answer.GIVE_UP : Answer.LATER;
        }
        if (failure.isOutOfResources() && !exhausted) {
            return Answer.SMALLER_LATER;
        }
        if (!failure.isRetryable()) {
            return Answer.GIVE_UP;
        }
        if (failure.isLockTimeout() && !situation.careful() && !situation.secondPass()) {
            return Answer.CAREFUL;
        }
        if (!failure.asksForLess()) {
            return exhausted ? Answer.GIVE_UP : Answer.LATER;
        }
        if (situation.smallest() && (exhausted || staysLocked)) {
            // The canary has its place at the beginning: nobody looks at a policy's first rows behind it.
            return situation.phase() == Claimed.Phase.CANARY ? Answer.GIVE_UP : Answer.SKIP;
        }
        // The second pass has waited for the lock already.
        return staysLocked ? Answer.SMALLER_AT_ONCE : Answer.SMALLER_LATER;
    }
}
