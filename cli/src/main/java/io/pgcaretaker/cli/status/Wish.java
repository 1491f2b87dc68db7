package io.pgcaretaker.cli.status;

import io.pgcaretaker.cli.local.CannotException;
import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.LocalState;
import io.pgcaretaker.cli.up.Readiness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/**
 * One part of a running `up` is to be stopped, or to run again: to see what the others make of its absence. The wish is
 * a file, and the launcher looks for it.
 */
final class Wish {

    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final long LOOK_EVERY_MILLIS = 100;

    /** The wish is a file by that name: no other may be written, or deleted. */
    private static final Set<String> PARTS = Set.of("monitoring", "cleanup", "email", "postgres");

    private final Readiness readiness = new Readiness();
    private final Home home;
    private final String part;

    Wish(Home home, String name) {
        this.home = home;
        this.part = name.replaceFirst("-service$", "");
        boolean known = PARTS.contains(part);
        LocalState state = Status.running(home);
        if (!known || (!state.pids().containsKey(part) && !Files.exists(home.hold(part)))) {
            throw new CannotException(name + " is not run by this `up`; name monitoring, cleanup, email or postgres");
        }
    }

    void stop() throws InterruptedException {
        try {
            Path hold = home.hold(part);
            Files.createDirectories(Objects.requireNonNull(hold.getParent()));
            Files.writeString(hold, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await(false);
        System.out.println(part + " is stopped");
    }

    void start() throws InterruptedException {
        try {
            Files.deleteIfExists(home.hold(part));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await(true);
        System.out.println(part + " is started");
    }

    private void await(boolean running) throws InterruptedException {
        long until = System.nanoTime() + DEADLINE.toNanos();
        while (isRunning(Status.running(home), running) != running) {
            if (System.nanoTime() > until) {
                throw new CannotException(part + " does not " + (running ? "start" : "stop") + "; see what `up` says");
            }
            Thread.sleep(LOOK_EVERY_MILLIS);
        }
    }

    /** A service counts once it is ready: who started it wants to use it. */
    private boolean isRunning(LocalState state, boolean asked) throws InterruptedException {
        String management = state.management().get(part);
        boolean lives = state.pids().containsKey(part);
        return lives && (!asked || management == null || readiness.isReady(management));
    }
}
