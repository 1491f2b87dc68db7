package io.pgcaretaker.cli.process;

import io.pgcaretaker.cli.local.CannotException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a command to its end. */
public final class Commands {

    private static final Duration GRACE = Duration.ofSeconds(5);

    /** What it said and how it ended. */
    public record Result(int exitCode, String output) {}

    private Commands() {}

    /** An interrupt ends it early. */
    public static Result run(List<String> command, Duration deadline) {
        return run(command, deadline, true);
    }

    /** An interrupt waits until it has ended: half of it would leave something behind that nobody knows of. */
    public static Result runWhole(List<String> command, Duration deadline) {
        return run(command, deadline, false);
    }

    /** Its output goes through a file, so that a child of its own which lives on holds no pipe of ours. */
    private static Result run(List<String> command, Duration deadline, boolean interruptible) {
        try {
            Path output = Files.createTempFile("caretaker", ".out");
            try {
                int exitCode = exitCode(command, output, deadline, interruptible);
                return new Result(exitCode, Files.readString(output).strip());
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new CannotException("cannot run " + command.get(0) + ": " + e.getMessage(), e);
        }
    }

    private static int exitCode(List<String> command, Path output, Duration deadline, boolean interruptible)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        long until = System.nanoTime() + deadline.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    if (process.waitFor(until - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                        return process.exitValue();
                    }
                    throw new CannotException(command.get(0) + " did not end within " + deadline.toSeconds() + " s");
                } catch (InterruptedException e) {
                    interrupted = true;
                    if (interruptible) {
                        end(process);
                        throw new CannotException("interrupted", e);
                    }
                }
            }
        } finally {
            process.destroyForcibly();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void end(Process process) {
        process.destroy();
        try {
            process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
