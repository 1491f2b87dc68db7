package io.pgcaretaker.email.intake;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A mail as a caller asks for it, checked: either with its content or by template.
 *
 * @param scheduledAt absent means now
 */
public record EmailRequest(
        Envelope envelope,
        Content content,
        @Nullable TemplateCall template,
        List<Attachment> attachments,
        List<Tag> tags,
        @Nullable Instant scheduledAt) {

    /**
     * What it says.
     *
     * @param subject absent when the template supplies it
     */
    public record Content(
            @Nullable String subject,
            @Nullable String html,
            @Nullable String text,
            Map<String, String> headers) {

        public static final Content OF_TEMPLATE = new Content(null, null, null, Map.of());

        public Content {
            headers = Map.copyOf(headers);
        }

        @Override
        public String toString() {
            return "Content[***]";
        }
    }

    public EmailRequest {
        attachments = List.copyOf(attachments);
        tags = List.copyOf(tags);
    }

    public static EmailRequest ofTemplate(Envelope envelope, TemplateCall template) {
        return new EmailRequest(envelope, Content.OF_TEMPLATE, template, List.of(), List.of(), null);
    }
}
