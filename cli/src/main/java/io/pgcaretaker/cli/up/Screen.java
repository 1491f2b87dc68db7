package io.pgcaretaker.cli.up;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/** What the person at the terminal sees: one line for each thing done, nothing that moves, so that a log reads well. */
final class Screen {

    private final PrintStream out;

    Screen(PrintStream out) {
        this.out = out;
    }

    synchronized void say(String line) {
        out.println(line);
        out.flush();
    }

    synchronized void indented(List<String> lines) {
        lines.forEach(line -> out.println("    | " + line));
        out.flush();
    }

    /** Says what is being done, does it, and says how long it took. */
    <T> T step(String what, Callable<T> work) throws Exception {
        say("  " + what + " ...");
        long begin = System.nanoTime();
        T result = work.call();
        say("  " + what + ": " + seconds(Duration.ofNanos(System.nanoTime() - begin)));
        return result;
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
