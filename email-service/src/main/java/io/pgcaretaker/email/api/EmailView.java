package io.pgcaretaker.email.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A mail as {@code GET /emails/{id}} shows it: Resend's fields, then {@code recipients} and {@code expires_at} of ours.
 *
 * @param html absent when there is none, when it is a credential, or when the caller may not read mail
 * @param lastEvent Resend's word for the state of the whole mail
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record EmailView(
        String object,
        UUID id,
        String messageId,
        String from,
        List<String> to,
        @Schema(nullable = true) @Nullable List<String> cc,
        @Schema(nullable = true) @Nullable List<String> bcc,
        @Schema(nullable = true) @Nullable List<String> replyTo,
        String subject,
        @Schema(nullable = true) @Nullable String html,
        @Schema(nullable = true) @Nullable String text,
        Instant createdAt,
        @Schema(nullable = true) @Nullable Instant scheduledAt,
        String lastEvent,
        List<TagView> tags,
        Instant expiresAt,
        List<RecipientView> recipients) {

    /** A caller's mark. */
    public record TagView(String name, String value) {}

    /** Where one recipient stands; the server's last words explain a wait or a failure. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record RecipientView(
            long id,
            String field,
            String address,
            String messageId,
            String state,
            int attempts,
            Instant updatedAt,
            @Nullable Instant nextAttemptAt,
            @Nullable String waitsFor,
            @Nullable Integer lastCode,
            @Nullable String lastEnhanced,
            @Nullable String lastReply) {}

    /** In the list: without content. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Listed(
            UUID id,
            String messageId,
            String from,
            List<String> to,
            @Schema(nullable = true) @Nullable List<String> cc,
            @Schema(nullable = true) @Nullable List<String> bcc,
            @Schema(nullable = true) @Nullable List<String> replyTo,
            String subject,
            Instant createdAt,
            @Schema(nullable = true) @Nullable Instant scheduledAt,
            String lastEvent) {}

    EmailView withoutContent() {
        return new EmailView(
                object,
                id,
                messageId,
                from,
                to,
                cc,
                bcc,
                replyTo,
                subject,
                null,
                null,
                createdAt,
                scheduledAt,
                lastEvent,
                tags,
                expiresAt,
                recipients);
    }

    Listed listed() {
        return new Listed(id, messageId, from, to, cc, bcc, replyTo, subject, createdAt, scheduledAt, lastEvent);
    }
}
