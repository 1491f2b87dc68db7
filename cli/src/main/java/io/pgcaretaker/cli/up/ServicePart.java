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

    /** 128 and the number of SIGTERM: what a JVM that was asked to end, and did, exits with. */
    private static final int ENDED_BY_TERM = 143;

    private final Service service;
    private final Home home;
    private final Map<String, String> environment;
    private volatile @Nullable Process process;
    private volatile @Nullable ClassArchive archive;
    private volatile boolean ready;

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
        Path application = home.root().resolve(service.artifact() + "/target/quarkus-app");
        Path jar = application.resolve("quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new CannotException(service.artifact() + " is not built: " + jar + " is missing; run ./caretaker up");
        }
        Path javaHome = Path.of(System.getProperty("java.home"));
        List<String> command = new ArrayList<>();
        command.add(javaHome.resolve("bin/java").toString());
        command.add(mark(home));
        command.addAll(Service.JVM_FLAGS);
        command.addAll(archiveFlags(javaHome, application));
        command.addAll(List.of("-jar", jar.toString()));
        try {
            process = Apart.start(command, home.directory(), environment, log());
        } catch (IOException e) {
            throw new CannotException(service.artifact() + " cannot be started: " + e.getMessage(), e);
        }
    }

    /** A start after a death makes no archive: nobody waits until it is ready. */
    private List<String> archiveFlags(Path javaHome, Path application) {
        settleArchive();
        if (!ClassArchive.fits(System.getenv())) {
            return List.of();
        }
        try {
            ClassArchive classes =
                    ClassArchive.of(home.classes(), service.artifact(), javaHome, Service.JVM_FLAGS, application);
            classes.discard();
            if (classes.isKept() || process == null) {
                archive = classes;
                return classes.flags();
            }
        } catch (IOException e) {
            // It starts without, as it did before there were archives.
        }
        return List.of();
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

    /** It has become ready since its last start. */
    void isReadyNow() {
        ready = true;
    }

    /** Its JVM writes its classes down before it ends. */
    boolean makesArchive() {
        ClassArchive classes = archive;
        return ready && isAlive() && classes != null && !classes.isKept();
    }

    /** Waits for the end that was requested, and makes it after the deadline. */
    void awaitEnd(Duration deadline) throws InterruptedException {
        Process running = process;
        if (running != null && !running.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
            running.destroyForcibly().waitFor();
        }
        settleArchive();
    }

    /** What the process that has ended wrote is kept if it is whole. */
    private void settleArchive() {
        ClassArchive classes = archive;
        Process ended = process;
        if (classes == null || ended == null || ended.isAlive()) {
            return;
        }
        archive = null;
        try {
            if (ready && ended.exitValue() == ENDED_BY_TERM) {
                classes.keep();
            } else {
                classes.discard();
            }
        } catch (IOException e) {
            // The next start does without.
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
