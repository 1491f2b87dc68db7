package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.local.CannotException;
import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.process.Apart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One of the three services as a process of its own. */
final class ServicePart implements Part {

    private final Service service;
    private final Home home;
    private final Map<String, String> environment;
    private volatile @Nullable Process process;

    ServicePart(Service service, Home home, Map<String, String> environment) {
        this.service = service;
        this.home = home;
        this.environment = Map.copyOf(environment);
    }

    /** The mark in the command line by which a later `up` knows its own. */
    static String mark(Home home) {
        return "-Dcaretaker.home=" + home.directory();
    }

    Service service() {
        return service;
    }

    /** A fresh log for a fresh `up`; the one before is kept beside it. */
    void beginLog() {
        try {
            if (Files.exists(log())) {
                Files.move(
                        log(), log().resolveSibling(log().getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void start() {
        Path jar = home.root().resolve(service.artifact() + "/target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new CannotException(service.artifact() + " is not built: " + jar + " is missing; run ./caretaker up");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add(mark(home));
        command.addAll(Service.JVM_FLAGS);
        command.addAll(List.of("-jar", jar.toString()));
        try {
            process = Apart.start(command, home.directory(), environment, log());
        } catch (IOException e) {
            throw new CannotException(service.artifact() + " cannot be started: " + e.getMessage(), e);
        }
    }

    @Override
    public String name() {
        return service.wireName();
    }

    @Override
    public boolean isAlive() {
        Process running = process;
        return running != null && running.isAlive();
    }

    @Override
    public OptionalLong pid() {
        Process running = process;
        return running != null && running.isAlive() ? OptionalLong.of(running.pid()) : OptionalLong.empty();
    }

    @Override
    public void requestStop() {
        Process running = process;
        if (running != null) {
            running.destroy();
        }
    }

    @Override
    public void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
        }
    }

    /** Waits for the end that was requested, and makes it after the deadline. */
    void awaitEnd(Duration deadline) throws InterruptedException {
        Process running = process;
        if (running != null && !running.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
            running.destroyForcibly().waitFor();
        }
    }

    @Override
    public boolean isHeld() {
        return Files.exists(home.hold(name()));
    }

    @Override
    public Path log() {
        return home.log(service.artifact());
    }
}
