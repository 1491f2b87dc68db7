package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.process.LogTail;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one part running, or stopped while a person wants that. What dies is started again after 1, 2, 4 … 30 seconds,
 * the others go on meanwhile; a minute of life makes it new. Single-threaded: somebody calls {@link #tick}.
 */
final class Watch {

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration PROVEN = Duration.ofMinutes(1);

    /** Longer than the services' own shutdown timeout of 10 s. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private enum State {
        RUNNING,
        STOPPING,
        HELD,
        WAITING
    }

    private final Part part;
    private final Screen screen;
    private State state = State.RUNNING;
    private int deaths;
    private @Nullable Instant since;

    Watch(Part part, Screen screen) {
        this.part = part;
        this.screen = screen;
    }

    /** Looks, and does what is to be done now. Returns true when the part has another pid than before, or none. */
    boolean tick(Instant now) {
        if (since == null) {
            since = now;
        }
        return switch (state) {
            case RUNNING -> running(now, since);
            case STOPPING -> stopping(now, since);
            case HELD -> !part.isHeld() && start(now, part.name() + " is wanted again, starting it");
            case WAITING -> waiting(now, since);
        };
    }

    private boolean running(Instant now, Instant startedAt) {
        if (part.isHeld()) {
            screen.say("stopping " + part.name() + ", as asked");
            part.requestStop();
            become(State.STOPPING, now);
            return false;
        }
        if (part.isAlive()) {
            if (deaths > 0 && startedAt.plus(PROVEN).isBefore(now)) {
                deaths = 0;
            }
            return false;
        }
        screen.say(part.name() + " has died, the others go on; starting it again in " + pause().toSeconds()
                + " s. The end of " + part.log() + ":");
        screen.indented(LogTail.lines(part.log(), 10));
        become(State.WAITING, now);
        return true;
    }

    private boolean stopping(Instant now, Instant askedAt) {
        if (part.isAlive()) {
            if (askedAt.plus(PATIENCE).isBefore(now)) {
                part.kill();
            }
            return false;
        }
        screen.say(part.name() + " is stopped; ./caretaker start " + part.name() + " brings it back");
        become(State.HELD, now);
        return true;
    }

    private boolean waiting(Instant now, Instant diedAt) {
        if (part.isHeld()) {
            become(State.HELD, now);
            return false;
        }
        if (diedAt.plus(pause()).isAfter(now)) {
            return false;
        }
        deaths++;
        return start(now, "starting " + part.name() + " again");
    }

    private boolean start(Instant now, String announcement) {
        screen.say(announcement);
        try {
            part.start();
            become(State.RUNNING, now);
        } catch (RuntimeException e) {
            screen.say(part.name() + " does not start: " + e.getMessage());
            become(State.WAITING, now);
        }
        return true;
    }

    private void become(State next, Instant now) {
        state = next;
        since = now;
    }

    private Duration pause() {
        Duration doubled = Duration.ofSeconds(1L << Math.min(deaths, 5));
        return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }
}
