package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.local.CannotException;
import io.pgcaretaker.cli.process.LogTail;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The three services together: started in parallel, stopped with email-service last. */
final class Services {

    /** The services' own shutdown timeout is 10 s. */
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(15);

    /** Writing classes down takes a processor for some seconds, more on a busy machine. */
    private static final Duration ARCHIVE_DEADLINE = Duration.ofSeconds(30);

    private static final long LOOK_EVERY_MILLIS = 100;

    private final List<ServicePart> parts;
    private final Screen screen;

    Services(List<ServicePart> parts, Screen screen) {
        this.parts = List.copyOf(parts);
        this.screen = screen;
    }

    List<ServicePart> parts() {
        return parts;
    }

    void start() {
        parts.forEach(ServicePart::beginLog);
        parts.forEach(ServicePart::start);
    }

    /** Waits until each is ready, saying so; fails when one has ended or the deadline is over. */
    void awaitReady(Function<Service, String> managementUrl, Duration deadline) throws InterruptedException {
        Readiness readiness = new Readiness();
        long begin = System.nanoTime();
        List<ServicePart> pending = new ArrayList<>(parts);
        while (!pending.isEmpty()) {
            Duration waited = Duration.ofNanos(System.nanoTime() - begin);
            for (ServicePart part : List.copyOf(pending)) {
                if (!part.isAlive()) {
                    throw failure(part, "ended while starting");
                }
                if (readiness.isReady(managementUrl.apply(part.service()))) {
                    screen.say("  " + part.service().artifact() + " is ready after " + Screen.seconds(waited));
                    part.isReadyNow();
                    pending.remove(part);
                } else if (waited.compareTo(deadline) > 0) {
                    throw failure(part, "is not ready after " + Screen.seconds(deadline));
                }
            }
            Thread.sleep(LOOK_EVERY_MILLIS);
        }
    }

    private static CannotException failure(ServicePart part, String what) {
        return new CannotException(part.service().artifact() + " " + what + ". The end of " + part.log() + ":\n    | "
                + String.join("\n    | ", LogTail.lines(part.log(), 30)));
    }

    /** Those that hand over mail first, then the one that takes it. */
    void stop() throws InterruptedException {
        if (parts.stream().anyMatch(ServicePart::makesArchive)) {
            screen.say(
                    "  keeping the services' classes, so that the next start is faster; this takes a few seconds once");
        }
        for (List<ServicePart> group : List.of(except(Service.EMAIL), only(Service.EMAIL))) {
            group.forEach(ServicePart::requestStop);
            for (ServicePart part : group) {
                part.awaitEnd(part.makesArchive() ? ARCHIVE_DEADLINE : STOP_DEADLINE);
            }
        }
    }

    private List<ServicePart> only(Service service) {
        return parts.stream().filter(part -> part.service() == service).toList();
    }

    private List<ServicePart> except(Service service) {
        return parts.stream().filter(part -> part.service() != service).toList();
    }
}
