package io.pgcaretaker.email.delivery;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written down of an attempt, or of a decision without one.
 *
 * @param state of the recipient; absent when it stays as it is
 * @param pause until the next attempt; absent when the recipient is at its end
 * @param suppress true when its address is never to be written to again
 */
record Finish(
        Claimed claimed,
        AttemptLine line,
        @Nullable String state,
        @Nullable Duration pause,
        boolean usesAttempt,
        boolean suppress) {

    static Finish end(Claimed claimed, String state, AttemptLine line, boolean usesAttempt) {
        return new Finish(claimed, line, state, null, usesAttempt, false);
    }

    /** Decided without a conversation. */
    static Finish decided(Claimed claimed, String state, String reason) {
        return end(claimed, state, AttemptLine.decided(state, reason), false);
    }

    static Finish wait(Claimed claimed, @Nullable String state, AttemptLine line, Duration pause) {
        return new Finish(claimed, line, state, pause, true, false);
    }

    boolean isEnd() {
        return pause == null;
    }
}
