package io.pgcaretaker.email.intake;

import io.pgcaretaker.email.Kind;
import io.pgcaretaker.email.secret.SealedSecret;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A mail ready to be committed. */
record NewEmail(
        UUID id,
        String caller,
        Kind kind,
        Envelope envelope,
        Body body,
        List<Attachment> attachments,
        List<Tag> tags,
        @Nullable Instant scheduledAt,
        Instant expiresAt) {

    /**
     * What is kept of its content.
     *
     * @param html absent when there is none, or when it is rendered at sending
     * @param secret the sealed variables of a kind that carries a credential
     */
    record Body(
            String subject,
            @Nullable String html,
            @Nullable String text,
            Map<String, String> headers,
            @Nullable SealedSecret secret) {
        @Override
        public String toString() {
            return "Body[***]";
        }
    }
}
