package io.pgcaretaker.email.delivery;

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
 */
public record OutgoingMail(
        String recipient,
        String messageId,
        Instant date,
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

    @Override
    public String toString() {
        return "OutgoingMail[" + messageId + "]";
    }
}
