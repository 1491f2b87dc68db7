package io.pgcaretaker.email.delivery;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One worker's outcomes that are not written down yet. They gather for a moment, so that quick mails share a commit, and
 * are kept through an outage of the database as long as the leases last: forgotten, each would be an unknown outcome.
 */
final class Bookkeeping {

    private static final Logger LOG = Logger.getLogger(Bookkeeping.class);
    private static final Duration LONGEST_WAIT = Duration.ofMillis(50);
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final OutcomeRepository outcomes;
    private final DeliveryMetrics metrics;
    private final OutcomeSignal signal;
    private final List<Finish> open = new ArrayList<>();
    private long since;

    Bookkeeping(OutcomeRepository outcomes, DeliveryMetrics metrics, OutcomeSignal signal) {
        this.signal = signal;
        this.outcomes = outcomes;
        this.metrics = metrics;
    }

    synchronized void add(@Nullable Finish finish) throws SQLException, InterruptedException {
        if (finish == null) {
            return;
        }
        if (open.isEmpty()) {
            since = System.nanoTime();
        }
        open.add(finish);
        if (System.nanoTime() - since > LONGEST_WAIT.toNanos()) {
            write();
        }
    }

    /** Comes back when all is written, or when the leases are over. */
    synchronized void write() throws SQLException, InterruptedException {
        if (open.isEmpty()) {
            return;
        }
        List<Finish> all = List.copyOf(open);
        open.clear();
        Set<Long> written = writeUntilTheLeasesEnd(all);
        signal.written();
        for (Finish finish : all) {
            Claimed claimed = finish.claimed();
            if (!written.contains(claimed.recipientId())) {
                LOG.warnf(
                        "lease lost before the outcome recipient=%d attempt=%d",
                        claimed.recipientId(), claimed.attempt());
            } else if (finish.isEnd()) {
                metrics.ended(String.valueOf(finish.state()));
            }
        }
    }

    private Set<Long> writeUntilTheLeasesEnd(List<Finish> all) throws SQLException, InterruptedException {
        while (true) {
            try {
                return outcomes.write(all);
            } catch (SQLException e) {
                long left = all.stream()
                        .mapToLong(finish -> finish.claimed().leaseEnds() - System.nanoTime())
                        .max()
                        .orElse(0);
                if (left <= 0) {
                    throw e;
                }
                LOG.warnf("outcomes cannot be written, trying again mails=%d cause=%s", all.size(), e.getMessage());
                Thread.sleep(PAUSE.toMillis());
            }
        }
    }
}
