package io.pgcaretaker.email.smtp;

import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.intake.Attachment;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One mail to one recipient, ready to be said.
 *
 * @param recipient the address of RCPT, which a bcc recipient's headers do not show
 * @param messageId the same at every attempt
 * @param date when it was accepted
 * @param expires by {@link System#nanoTime}: from then on it must not be taken by a server
 */
public record OutgoingMail(
        String recipient,
        String messageId,
        Instant date,
        long expires,
        Addresses addresses,
        Content content,
        List<Attachment> attachments) {

    /** What the headers show. */
    public record Addresses(MailAddress from, List<MailAddress> to, List<MailAddress> cc, List<MailAddress> replyTo) {}

    /** What it says; may hold a credential. */
    public record Content(
            String subject, @Nullable String html, @Nullable String text, Map<String, String> headers) {
        @Override
        public String toString() {
            return "Content[***]";
        }
    }

    /** Of what is encoded: bodies and attachments, with some room for headers. */
    long roughBytes() {
        long bytes = 16_384 + length(content.html()) + length(content.text());
        for (Attachment attachment : attachments) {
            bytes += attachment.content().length;
        }
        return bytes;
    }

    /** UTF-8 makes up to three bytes of a char, and quoted-printable three of each. */
    private static long length(@Nullable String text) {
        return text == null ? 0 : 3L * text.length();
    }

    @Override
    public String toString() {
        return "OutgoingMail[" + messageId + "]";
    }
}
