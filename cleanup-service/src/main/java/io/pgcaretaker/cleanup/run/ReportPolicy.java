package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.policy.Mode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides whether a run is worth a mail, and which runs share one: the mail's idempotency key. */
final class ReportPolicy {

    /** A shadow run that finds about what the last mail said is no news. */
    private static final double MUCH = 0.1;

    private ReportPolicy() {}

    /**
     * The key of the run's mail; empty when there is nothing to say.
     *
     * @param lastMailedMatch what the last mailed run of the policy and mode found; absent: there was none
     */
    static Optional<String> key(
            Claimed run,
            RunState state,
            StopReason reason,
            long deleted,
            long matched,
            @Nullable Long lastMailedMatch,
            Instant finishedAt) {
        boolean wrong = state != RunState.COMPLETED;
        boolean shadow = run.mode() == Mode.SHADOW;
        if (!wrong && (shadow ? !isNews(matched, lastMailedMatch) : deleted == 0)) {
            return Optional.empty();
        }
        String what = run.policy() + ":" + run.mode().wireName() + ":" + reason.wireName();
        return Optional.of(
                run.manual()
                        ? "cleanup-run:" + run.id()
                        : "cleanup-run:" + what + ":"
                                + finishedAt.atZone(ZoneOffset.UTC).toLocalDate());
    }

    private static boolean isNews(long matched, @Nullable Long before) {
        if (matched == 0 && (before == null || before == 0)) {
            return false;
        }
        return before == null || Math.abs(matched - before) > MUCH * Math.max(before, 1);
    }
}
