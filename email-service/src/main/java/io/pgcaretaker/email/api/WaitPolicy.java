package io.pgcaretaker.email.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Says what a recipient's mail waits for, for people. */
final class WaitPolicy {

    private WaitPolicy() {}

    /**
     * Absent when it does not wait.
     *
     * @param pacedBy the rate at which it waits for its place: {@code domain} or {@code recipient}
     * @param transport {@code ok}, or why sending pauses
     */
    static @Nullable String waitsFor(
            String state,
            boolean inProgress,
            @Nullable Instant nextAttemptAt,
            @Nullable String pacedBy,
            String transport,
            Instant now) {
        boolean open = state.equals("queued") || state.equals("delayed") || state.equals("unknown");
        if (!open) {
            return null;
        }
        if (inProgress) {
            return "a worker has it now";
        }
        if (nextAttemptAt == null) {
            return "an operator: nobody knows whether the server took it; resend it or settle it";
        }
        if (!transport.equals("ok")) {
            return "the SMTP server: " + transport;
        }
        if (!nextAttemptAt.isAfter(now)) {
            return "a free connection";
        }
        if (pacedBy != null) {
            return "its turn: only so many mails go to its "
                    + (pacedBy.equals("domain") ? "domain a minute" : "address an hour");
        }
        return switch (state) {
            case "delayed" -> "its next attempt: the server said not now";
            case "unknown" -> "its next attempt: nobody knows whether the server took the last one";
            default -> "its time";
        };
    }
}
