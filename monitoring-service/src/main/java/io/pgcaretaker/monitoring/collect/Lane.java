package io.pgcaretaker.monitoring.collect;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs collectors one after the other over one connection of its own. A pass always ends: the server cancels a
 * statement at the deadline, the watchdog cuts the connection a second later, and the next pass opens a fresh one.
 */
public final class Lane implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Lane.class);

    private static final Duration GRACE = Duration.ofSeconds(1);

    /** What lacks a grant is not asked again at once: each try is an error line in the server's log. */
    private static final Duration SKIP = Duration.ofMinutes(10);

    private final Connector connector;
    private final Readings readings;
    private final Contact contact;
    private final Clock clock;
    private final Duration deadline;
    private final String whose;
    private final Watchdog watchdog = new Watchdog();
    private final ReentrantLock running = new ReentrantLock(true);
    private final Map<String, Instant> skippedUntil = new HashMap<>();
    private @Nullable Session session;
    private boolean leftOnPurpose;
    private boolean closed;

    /** Of the database that Caretaker looks after. */
    Lane(Connector connector, Readings readings, Contact contact, Clock clock, Duration deadline) {
        this(connector, readings, contact, clock, deadline, "");
    }

    /** @param target its name, which stands in the log; empty for the database that Caretaker looks after */
    public Lane(
            Connector connector, Readings readings, Contact contact, Clock clock, Duration deadline, String target) {
        this.connector = connector;
        this.readings = readings;
        this.contact = contact;
        this.clock = clock;
        this.deadline = deadline;
        this.whose = target.isEmpty() ? "" : " target=" + target;
    }

    /** One after the other; a pass that is due while another still runs takes turns with it. */
    public void pass(List<Collector> collectors) {
        for (int i = 0; i < collectors.size(); i++) {
            if (!turn(collectors.get(i))) {
                giveUp(collectors.subList(i, collectors.size()));
                return;
            }
        }
    }

    /**
     * Each in a session of its own, which ends with it; what is due meanwhile waits for that one look. Taking turns in one
     * session, the memory of both would add up.
     */
    public void passAlone(List<Collector> collectors) {
        for (Collector collector : collectors) {
            running.lock();
            try {
                recycle();
                pass(List.of(collector));
                recycle();
            } finally {
                running.unlock();
            }
        }
    }

    /** A timer may come once more while the service ends; then there is nothing to look at and nothing to say. */
    private boolean turn(Collector collector) {
        running.lock();
        try {
            return closed || look(collector);
        } finally {
            running.unlock();
        }
    }

    /** Ends the connection: a backend that has seen many relations keeps their cache until it goes. */
    public void recycle() {
        running.lock();
        try {
            drop();
            leftOnPurpose = true;
        } finally {
            running.unlock();
        }
    }

    /** Ends the connection, and what was skipped is asked again too. */
    public void anew() {
        running.lock();
        try {
            drop();
            leftOnPurpose = false;
        } finally {
            running.unlock();
        }
    }

    /** False when there is no connection to go on with. */
    private boolean look(Collector collector) {
        boolean wasOpen = session != null;
        Session current = session();
        if (current == null) {
            return false;
        }
        if (!collector.versions().contains(current.version())) {
            skipOtherVersion(collector);
            return true;
        }
        if (isSkipped(collector)) {
            return true;
        }
        if (attempt(current, collector)) {
            return true;
        }
        // A connection from an earlier pass may have been ended by an administrator or a pooler; that is no outage.
        Session fresh = wasOpen && contact.current().isEmpty() ? session() : null;
        return fresh != null && attempt(fresh, collector);
    }

    /** Of several of one name the one that can speak to this server answers; where there is none, that is said. */
    private void skipOtherVersion(Collector collector) {
        Reading before = readings.of(collector.name());
        if (before.outcome() == CollectOutcome.PENDING || before.outcome() == CollectOutcome.NO_CONNECTION) {
            String reason = "needs " + collector.versions().words();
            readings.put(collector.name(), before.without(CollectOutcome.SKIPPED, Duration.ZERO, reason));
        }
    }

    private boolean isSkipped(Collector collector) {
        Instant until = skippedUntil.get(collector.name());
        return until != null && clock.instant().isBefore(until);
    }

    private @Nullable Session session() {
        if (session == null) {
            try {
                session = Session.open(connector);
                if (!leftOnPurpose) {
                    // Another server may be there now, or another role.
                    skippedUntil.clear();
                }
                leftOnPurpose = false;
            } catch (SQLException e) {
                Contact.Loss loss = SqlStates.loss(e);
                if (contact.loss().isEmpty()) {
                    LOG.warnf("database %s sqlstate=%s%s", loss.words(), SqlStates.state(e), whose);
                }
                contact.lost(clock.instant(), loss);
            }
        }
        return session;
    }

    /** False when the session was lost on the way. */
    private boolean attempt(Session current, Collector collector) {
        long start = System.nanoTime();
        try (Watchdog.Guard guard = watchdog.guard(current, deadline)) {
            try {
                Rows rows = current.run(collector, deadline.minus(GRACE));
                Duration took = since(start);
                readings.put(collector.name(), Reading.of(rows, clock.instant(), took));
                readings.charge(collector, took, rows);
                reached();
                return true;
            } catch (SQLException e) {
                readings.charge(collector, since(start), Rows.NONE);
                return failed(current, collector, guard, e, since(start));
            }
        }
    }

    private boolean failed(Session current, Collector collector, Watchdog.Guard guard, SQLException e, Duration took) {
        if (guard.expired()) {
            LOG.warnf("database does not answer, connection cut collector=%s%s", collector.name(), whose);
            drop();
            contact.lost(clock.instant().minus(took), Contact.Loss.DOWN);
            return false;
        }
        if (SqlStates.endsSession(e) || !current.rollback()) {
            LOG.infof("connection lost collector=%s sqlstate=%s%s", collector.name(), SqlStates.state(e), whose);
            drop();
            return false;
        }
        note(collector, SqlStates.outcome(e), took, SqlStates.reason(e, collector.needs()), e);
        reached();
        return true;
    }

    private void note(Collector collector, CollectOutcome outcome, Duration took, String reason, SQLException e) {
        Reading before = readings.of(collector.name());
        if (outcome == CollectOutcome.SKIPPED) {
            skippedUntil.put(collector.name(), clock.instant().plus(SKIP));
        }
        if (before.outcome() != outcome && outcome == CollectOutcome.SKIPPED) {
            LOG.infof("collector is skipped collector=%s%s reason=%s", collector.name(), whose, reason);
        } else if (before.outcome() != outcome) {
            LOG.warnf(e, "collector has no answer collector=%s outcome=%s%s", collector.name(), outcome.word(), whose);
        }
        readings.put(collector.name(), before.without(outcome, took, reason));
    }

    private void reached() {
        contact.current().ifPresent(outage -> LOG.infof("database answers again since=%s%s", outage.start(), whose));
        contact.made(clock.instant());
    }

    private void giveUp(List<Collector> rest) {
        String reason =
                "the database " + contact.loss().orElse(Contact.Loss.DOWN).words();
        for (Collector collector : rest) {
            readings.put(
                    collector.name(),
                    readings.of(collector.name()).without(CollectOutcome.NO_CONNECTION, Duration.ZERO, reason));
        }
    }

    private void drop() {
        if (session != null) {
            session.abandon();
            session = null;
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Override
    public void close() {
        running.lock();
        try {
            closed = true;
            drop();
            watchdog.close();
        } finally {
            running.unlock();
        }
    }
}
