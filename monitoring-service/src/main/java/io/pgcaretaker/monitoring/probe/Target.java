package io.pgcaretaker.monitoring.probe;

import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.collect.Catalogue;
import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.collect.Contact;
import io.pgcaretaker.monitoring.collect.Lane;
import io.pgcaretaker.monitoring.collect.Pace;
import io.pgcaretaker.monitoring.collect.Readings;
import io.pgcaretaker.monitoring.neighbour.Neighbours;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One of the other databases: what was last seen of it, and whether it may be looked at now. */
final class Target {

    enum State {
        PENDING,
        UP,
        DOWN,
        /** The control plane says that it sleeps. */
        SUSPENDED,
        /** It is awake, but nobody but us would keep it so. */
        LEFT_ALONE,
        UNKNOWN;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** How one that may sleep is treated. */
    record Sleeper(ControlPlane controlPlane, SleepPolicy policy) {}

    private static final String FOREIGN_ACTIVITY = "foreign_activity";

    /** Its clock and ours. */
    private static final Duration SKEW = Duration.ofSeconds(2);

    private static final Duration SLACK = Duration.ofMillis(500);

    private final Catalogue catalogue;
    private final Readings readings = new Readings();
    private final Contact contact = new Contact();
    private final Lane lane;
    private final Map<Pace, Duration> intervals;
    private final Clock clock;
    private final @Nullable Sleeper sleeper;
    private final Map<Pace, Instant> due = new EnumMap<>(Pace.class);
    private final AtomicLong wakeups = new AtomicLong();
    private volatile State state = State.PENDING;
    private boolean connected;
    private @Nullable Instant leftAt;

    Target(
            Catalogue catalogue,
            LaneFactory lanes,
            Map<Pace, Duration> intervals,
            Clock clock,
            Optional<Sleeper> sleeper) {
        this.catalogue = catalogue;
        this.lane = lanes.make(readings, contact);
        this.intervals = Map.copyOf(intervals);
        this.clock = clock;
        this.sleeper = sleeper.orElse(null);
    }

    Catalogue catalogue() {
        return catalogue;
    }

    State state() {
        return state;
    }

    /** How often a connection of ours woke it. */
    long wakeups() {
        return wakeups.get();
    }

    Situation situation(Situation.Freshness freshness) {
        return new Situation(readings, contact, new Neighbours(), freshness, clock);
    }

    /** Looks at what is due, unless that would keep it awake. Never two at once for one target. */
    void tick() {
        Instant now = clock.instant();
        if (sleeper != null && !mayLook(sleeper, now)) {
            return;
        }
        boolean fresh = !connected;
        connected = true;
        lane.pass(dueNow(now));
        state = contact.loss().isEmpty() ? State.UP : State.DOWN;
        if (sleeper != null && fresh) {
            countWakeup(now);
        }
    }

    private boolean mayLook(Sleeper with, Instant now) {
        ComputeState compute = with.controlPlane().look();
        SleepPolicy.Step step = with.policy().next(compute, connected, leftAt, foreignActivity(now), now);
        if (step == SleepPolicy.Step.CONNECT || step == SleepPolicy.Step.STAY) {
            return true;
        }
        if (step == SleepPolicy.Step.LEAVE) {
            lane.recycle();
            connected = false;
            leftAt = now;
            due.clear();
        }
        state = switch (compute.kind()) {
            case IDLE -> State.SUSPENDED;
            case ACTIVE -> State.LEFT_ALONE;
            case UNKNOWN -> State.UNKNOWN;
        };
        return false;
    }

    /** Before the first look nothing is known of the others; that is no reason to leave. */
    private @Nullable Instant foreignActivity(Instant now) {
        return readings.of(FOREIGN_ACTIVITY).collectedAt() == null
                ? now
                : readings.of(FOREIGN_ACTIVITY).rows().single().instant("last_at");
    }

    private void countWakeup(Instant connectedAt) {
        Instant started = readings.of("server").rows().single().instant("postmaster_start_time_seconds");
        if (started != null && started.isAfter(connectedAt.minus(SKEW))) {
            wakeups.incrementAndGet();
        }
    }

    private List<Collector> dueNow(Instant now) {
        List<Collector> all = new ArrayList<>();
        for (Pace pace : Pace.values()) {
            Instant next = due.get(pace);
            // A look that comes a moment early is this one and not half of the next.
            if (next == null || !now.isBefore(next.minus(SLACK))) {
                due.put(pace, now.plus(intervals.getOrDefault(pace, Duration.ofMinutes(5))));
                all.addAll(catalogue.of(pace));
            }
        }
        return all;
    }

    void close() {
        lane.close();
    }
}
