package io.pgcaretaker.monitoring.alert;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What becomes of an incident: pending, firing, resolved. No clock, no database. */
final class IncidentPolicy {

    /** What to do with the incident of one fingerprint. */
    sealed interface Step {
        /** Nothing changes. */
        record Leave() implements Step {}

        /** A new one; it fires at once when its rule does not wait. */
        record Begin(Observation.Wrong wrong, boolean firing) implements Step {}

        /** Still wrong, and worth writing: what is measured now, and whether it has lasted long enough to fire. */
        record Go(Observation.Wrong wrong, boolean firing) implements Step {}

        /** Well from now on, but not yet for long enough. */
        record Wait() implements Step {}

        /** It never fired, so nobody needs to know. */
        record Forget() implements Step {}

        record Resolve(Instant at, String value) implements Step {}
    }

    /**
     * How often the value and the time of an incident that is otherwise the same are written. Most values differ at every
     * look, every few seconds, and each write leaves a dead row.
     */
    static final Duration REWRITTEN_AFTER = Duration.ofMinutes(1);

    private final Duration keepFiring;

    IncidentPolicy(Duration keepFiring) {
        this.keepFiring = keepFiring;
    }

    Step next(@Nullable OpenIncident open, Rule rule, Observation observation, Instant now) {
        if (observation instanceof Observation.Wrong wrong) {
            if (open == null) {
                return new Step.Begin(wrong, rule.holdFor().isZero());
            }
            return wrong(open, wrong, !now.isBefore(open.pendingSince().plus(rule.holdFor())), now);
        }
        if (open == null || observation instanceof Observation.Unknown) {
            return new Step.Leave();
        }
        if (!open.firing()) {
            return new Step.Forget();
        }
        if (observation instanceof Observation.Skipped skipped) {
            return new Step.Resolve(now, "no longer looked at: " + skipped.reason());
        }
        return well(open, (Observation.Well) observation, now);
    }

    private static Step wrong(OpenIncident open, Observation.Wrong wrong, boolean lasts, Instant now) {
        boolean same = (open.firing() || !lasts)
                && open.clearSince() == null
                && open.summary().equals(wrong.summary())
                && open.threshold().equals(wrong.threshold());
        return same && now.isBefore(open.lastSeenAt().plus(REWRITTEN_AFTER))
                ? new Step.Leave()
                : new Step.Go(wrong, open.firing() || lasts);
    }

    private Step well(OpenIncident open, Observation.Well well, Instant now) {
        Instant since = open.clearSince() == null ? now : open.clearSince();
        if (!now.isBefore(since.plus(keepFiring))) {
            return new Step.Resolve(since, well.value());
        }
        return open.clearSince() == null ? new Step.Wait() : new Step.Leave();
    }
}
