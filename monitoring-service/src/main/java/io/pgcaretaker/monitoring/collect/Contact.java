package io.pgcaretaker.monitoring.collect;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether the database answers, since when not, and the outages that are over but not yet written down: nothing can be
 * written to a database that is away.
 */
public final class Contact {

    /** Why the last look did not succeed. */
    public enum Loss {
        /** No answer, refused, shut down, starting up. */
        DOWN("does not answer"),
        /** It answers, but has no connection to spare. */
        FULL("refuses connections: its limit is reached"),
        /** It answers, but does not let us in. */
        LOGIN("refuses our login");

        private final String words;

        Loss(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /** From the first look that failed to the first that succeeded again; no end while it lasts. */
    public record Outage(Instant start, @Nullable Instant end) {}

    /** What is kept of a database that flickers for days while nothing can be written. */
    private static final int MOST_OUTAGES = 100;

    private @Nullable Instant lastSeen;
    private @Nullable Instant downSince;
    private @Nullable Loss loss;
    private final List<Outage> over = new ArrayList<>();

    synchronized void made(Instant at) {
        answered(at);
        loss = null;
    }

    synchronized void lost(Instant at, Loss how) {
        loss = how;
        if (how != Loss.DOWN) {
            // It is there: whatever is wrong is not an outage.
            answered(at);
        } else if (downSince == null) {
            downSince = at;
        }
    }

    private void answered(Instant at) {
        if (downSince != null) {
            if (over.size() == MOST_OUTAGES) {
                over.remove(0);
            }
            over.add(new Outage(downSince, at));
            downSince = null;
        }
        lastSeen = at;
    }

    public synchronized Optional<Loss> loss() {
        return Optional.ofNullable(loss);
    }

    public synchronized Optional<Instant> lastSeen() {
        return Optional.ofNullable(lastSeen);
    }

    /** The outage that lasts, if one does. */
    public synchronized Optional<Outage> current() {
        return Optional.ofNullable(downSince).map(since -> new Outage(since, null));
    }

    /** Outages that are over, oldest first, until {@link #written} is told of them. */
    public synchronized List<Outage> over() {
        return List.copyOf(over);
    }

    public synchronized void written(List<Outage> outages) {
        over.removeAll(outages);
    }
}
