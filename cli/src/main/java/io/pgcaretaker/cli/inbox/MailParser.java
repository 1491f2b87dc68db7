package io.pgcaretaker.cli.inbox;

import jakarta.mail.Header;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Takes a MIME message apart into what a person reads. */
final class MailParser {

    private final Clock clock;

    MailParser(Clock clock) {
        this.clock = clock;
    }

    Mail parse(MimeMessage message, List<String> recipients) throws MessagingException, IOException {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (Header header : Collections.list(message.getAllHeaders())) {
            headers.computeIfAbsent(header.getName(), name -> new ArrayList<>()).add(header.getValue());
        }
        String subject = message.getSubject();
        return new Mail(
                UUID.randomUUID().toString(),
                clock.instant(),
                String.join(", ", headers.getOrDefault("From", List.of())),
                recipients,
                subject == null ? "" : subject,
                size(message),
                headers,
                body(message, "text/plain"),
                body(message, "text/html"));
    }

    /** The first part of the type that is not an attachment. */
    private static @Nullable String body(Part part, String type) throws MessagingException, IOException {
        if (Part.ATTACHMENT.equalsIgnoreCase(part.getDisposition())) {
            return null;
        }
        if (part.isMimeType(type)) {
            return part.getContent() instanceof String text ? text : null;
        }
        if (part.isMimeType("multipart/*") && part.getContent() instanceof Multipart parts) {
            for (int i = 0; i < parts.getCount(); i++) {
                String found = body(parts.getBodyPart(i), type);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private static long size(MimeMessage message) throws MessagingException, IOException {
        if (message.getSize() > 0) {
            return message.getSize();
        }
        try (InputStream content = message.getInputStream()) {
            return content.readAllBytes().length;
        }
    }
}
