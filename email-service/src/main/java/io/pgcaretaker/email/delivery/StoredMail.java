package io.pgcaretaker.email.delivery;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A claimed mail as the database keeps it.
 *
 * @param state of its recipient before this attempt
 * @param attempts used up so far
 * @param headers a JSON object
 * @param bodiesApart true when the bodies are too large to travel with a batch, and are read when it is their turn
 * @param attachmentBytes of all of them together; they too are read when it is their turn
 */
record StoredMail(
        String kind,
        String state,
        int attempts,
        String recipient,
        String messageId,
        Instant createdAt,
        Addresses addresses,
        String subject,
        String headers,
        Bodies bodies,
        boolean bodiesApart,
        boolean hasAttachments,
        long attachmentBytes,
        boolean suppressed,
        @Nullable Sealed sealed) {

    /** As they were given, with display names. */
    record Addresses(String from, List<String> to, List<String> cc, List<String> replyTo) {}

    /** Either may be absent. */
    record Bodies(@Nullable String html, @Nullable String text) {
        @Override
        public String toString() {
            return "Bodies[***]";
        }
    }

    /** The variables of a kind that carries a credential. */
    @SuppressWarnings("ArrayRecordComponent") // Compared nowhere.
    record Sealed(byte[] text, byte[] dataKey, String wrappingKeyId) {
        @Override
        public String toString() {
            return "Sealed[***]";
        }
    }

    @Override
    public String toString() {
        return "StoredMail[" + messageId + "]";
    }
}
