package io.pgcaretaker.email.webhook;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a mail's recipient, claimed to be told.
 *
 * @param attempt the fencing token, and how often it was tried
 * @param reply the server's last words then, or ours
 */
record WebhookEvent(
        long id,
        UUID messageId,
        String type,
        int attempt,
        Instant occurredAt,
        Mail mail,
        @Nullable String reply) {

    /**
     * The mail as one recipient got it.
     *
     * @param tags a JSON array of name and value
     */
    record Mail(
            UUID emailId,
            String messageId,
            Instant createdAt,
            String from,
            String recipient,
            String subject,
            String tags) {}

    /** The value of {@code svix-id}. */
    String svixId() {
        return "msg_" + messageId.toString().replace("-", "");
    }

    /** What became of telling it. */
    record Told(WebhookEvent event, Result result) {}

    /** How one call ended. */
    record Result(Kind kind, String detail) {
        enum Kind {
            /** A 2xx. */
            DELIVERED,
            /** An answer, but no: about this message. */
            REFUSED,
            /** No answer, or that of a receiver in trouble. */
            UNREACHABLE
        }
    }
}
