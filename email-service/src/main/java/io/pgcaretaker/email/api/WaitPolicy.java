package io.pgcaretaker.email.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Says what a recipient's mail waits for, for people. */
final class WaitPolicy {

    private WaitPolicy() {}

    /**
     * Where a recipient's mail stands in the queue.
     *
     * @param inProgress a worker has it, and its lease is not over
     * @param abandoned a worker had it, and its lease is over
     * @param scheduled its time, as its sender set it, has not come
     * @param pacedBy what it waits its turn for: a rate's scope, or {@code busy}
     */
    record Place(
            String state,
            boolean inProgress,
            boolean abandoned,
            boolean scheduled,
            @Nullable Instant nextAttemptAt,
            @Nullable String pacedBy) {}

    /**
     * Absent when it does not wait.
     *
     * @param transport {@code ok}, or why sending pauses
     */
    static @Nullable String waitsFor(Place place, String transport, Instant now) {
        String state = place.state();
        boolean open = state.equals("queued") || state.equals("delayed") || state.equals("unknown");
        if (!open) {
            return null;
        }
        if (place.inProgress()) {
            return "a worker has it now";
        }
        Instant next = place.nextAttemptAt();
        if (next == null) {
            return "an operator: nobody knows whether the server took it; resend it or settle it";
        }
        if (place.scheduled()) {
            return "its time";
        }
        if (!transport.equals("ok")) {
            return "the SMTP server: " + transport;
        }
        if (place.abandoned()) {
            return "a free connection: the worker that had it is gone";
        }
        if (!next.isAfter(now)) {
            return "a free connection";
        }
        return place.pacedBy() == null ? pause(state) : turn(place.pacedBy());
    }

    private static String turn(String pacedBy) {
        return switch (pacedBy) {
            case "domain" -> "its turn: only so many mails go to its domain a minute";
            case "recipient" -> "its turn: only so many mails go to its address an hour";
            default -> "its turn: other mails to its domain wait for an answer of the server";
        };
    }

    private static String pause(String state) {
        return switch (state) {
            case "delayed" -> "its next attempt: the server said not now";
            case "unknown" -> "its next attempt: nobody knows whether the server took the last one";
            default -> "its next attempt: the SMTP server was at fault";
        };
    }
}
