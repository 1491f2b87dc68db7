package io.pgcaretaker.cli.process;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Children that outlived a launcher which was killed. They are known by a mark in their own command line: a pid in a
 * file may by now be somebody else's.
 */
public final class Orphans {

    private Orphans() {}

    /** Processes one of whose arguments is exactly {@code mark}. */
    public static List<ProcessHandle> find(String mark) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .arguments()
                        .map(arguments -> Arrays.asList(arguments).contains(mark))
                        .orElse(false))
                .collect(Collectors.toList());
    }

    /** Asks each to end, and ends those that do not. */
    public static void stop(List<ProcessHandle> processes, Duration deadline) {
        processes.forEach(ProcessHandle::destroy);
        CompletableFuture<Void> all = CompletableFuture.allOf(
                processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new));
        try {
            all.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
            processes.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
