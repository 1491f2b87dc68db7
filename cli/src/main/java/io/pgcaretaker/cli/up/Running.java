package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.LocalState;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** All is ready: says so, keeps {@code local.json} true, and keeps the parts running. */
final class Running {

    private static final long LOOK_EVERY_MILLIS = 250;

    private final Home home;
    private final ServiceEnvironment environment;
    private final Database database;
    private final List<Part> parts = new ArrayList<>();
    private final List<Watch> watches = new ArrayList<>();
    private final Screen screen;
    private final boolean services;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(work -> new Thread(work, "watch"));

    Running(
            Home home,
            ServiceEnvironment environment,
            Database database,
            List<ServicePart> services,
            @Nullable PostgresPart postgres,
            Screen screen) {
        this.home = home;
        this.environment = environment;
        this.database = database;
        this.services = !services.isEmpty();
        this.screen = screen;
        if (postgres != null) {
            parts.add(postgres);
        }
        parts.addAll(services);
        parts.forEach(part -> watches.add(new Watch(part, screen)));
    }

    void begin() {
        LocalState state = state();
        state.write(home);
        screen.say(new Table(state, database.shown(), home).text());
        var unused =
                timer.scheduleWithFixedDelay(this::look, LOOK_EVERY_MILLIS, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            boolean changed = false;
            for (Watch watch : watches) {
                changed |= watch.tick(Instant.now());
            }
            if (changed) {
                state().write(home);
            }
        } catch (RuntimeException e) {
            screen.say("while watching: " + e);
        }
    }

    /** No part is started again after this; those that run are ended by who started them. */
    void end() throws IOException, InterruptedException {
        timer.shutdown();
        if (!timer.awaitTermination(70, TimeUnit.SECONDS)) {
            timer.shutdownNow();
        }
        Files.deleteIfExists(home.localState());
    }

    private LocalState state() {
        Map<String, Long> pids = new HashMap<>();
        pids.put("launcher", ProcessHandle.current().pid());
        parts.forEach(part -> part.pid().ifPresent(pid -> pids.put(part.name(), pid)));
        boolean catches = environment.settings().catchesMail();
        Map<String, String> management = new HashMap<>();
        if (services) {
            for (Service service : Service.values()) {
                management.put(service.wireName(), environment.url(service.management()));
            }
        }
        return new LocalState(
                services ? environment.url(Port.MONITORING) : null,
                services ? environment.url(Port.CLEANUP) : null,
                services ? environment.url(Port.EMAIL) : null,
                catches ? environment.url(Port.INBOX) : null,
                catches ? environment.smtpUrl() : null,
                database.url(),
                environment.secrets().apiKey(),
                environment.secrets().serviceKey(),
                management,
                pids);
    }
}
