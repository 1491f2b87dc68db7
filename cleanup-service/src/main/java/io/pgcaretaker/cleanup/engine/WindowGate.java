package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.policy.DayWindow;
import io.pgcaretaker.cleanup.run.Claimed;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Outside of its policy's window a run waits for the next one, and the worker goes on to others. */
final class WindowGate {

    private WindowGate() {}

    /** Whether the run was given back until the window opens. */
    static boolean defers(Batches around, Claimed run, @Nullable DayWindow window) {
        if (window == null) {
            return false;
        }
        return around.transactions().run("cleanup.window", session -> {
            Instant now = session.now();
            boolean outside = !window.contains(now);
            if (outside) {
                around.runs().defer(session, run, window.next(now), "outside-window");
            }
            return outside;
        });
    }
}
