package io.pgcaretaker.email.delivery;

import io.pgcaretaker.email.intake.Attachment;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.mail.MailAttachment;
import io.vertx.ext.mail.MailMessage;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes the mail client's message: bodies by the client, every header by us. */
final class MimeMail {

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private MimeMail() {}

    static MailMessage of(OutgoingMail mail) {
        MailMessage message = new MailMessage()
                .setFrom(mail.addresses().from().address())
                .setTo(mail.recipient())
                .setHeaders(headers(mail));
        message.setText(lines(mail.content().text()));
        message.setHtml(lines(mail.content().html()));
        List<MailAttachment> shown = new ArrayList<>();
        List<MailAttachment> attached = new ArrayList<>();
        for (Attachment attachment : mail.attachments()) {
            boolean inline = attachment.contentId() != null && mail.content().html() != null;
            (inline ? shown : attached).add(attachment(attachment, inline));
        }
        if (!shown.isEmpty()) {
            message.setInlineAttachment(shown);
        }
        if (!attached.isEmpty()) {
            message.setAttachment(attached);
        }
        return message;
    }

    /** The client writes LF as CRLF; a CR of its own would be encoded and shown. */
    private static @Nullable String lines(@Nullable String text) {
        return text == null ? null : text.replace("\r\n", "\n").replace('\r', '\n');
    }

    private static MultiMap headers(OutgoingMail mail) {
        OutgoingMail.Addresses addresses = mail.addresses();
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        mail.content().headers().forEach((name, value) -> headers.set(name, HeaderText.text(value)));
        headers.set("From", HeaderText.address(addresses.from()));
        headers.set("To", HeaderText.addresses(addresses.to()));
        if (!addresses.cc().isEmpty()) {
            headers.set("Cc", HeaderText.addresses(addresses.cc()));
        }
        if (!addresses.replyTo().isEmpty()) {
            headers.set("Reply-To", HeaderText.addresses(addresses.replyTo()));
        }
        headers.set("Subject", HeaderText.text(mail.content().subject()));
        headers.set("Date", DATE.format(mail.date()));
        headers.set("Message-ID", mail.messageId());
        // RFC 3834: no out-of-office answers this.
        headers.set("Auto-Submitted", "auto-generated");
        return headers;
    }

    /** The name goes into our own parameters: the client's encoding breaks quotes and emoji. */
    private static MailAttachment attachment(Attachment attachment, boolean inline) {
        MailAttachment part = MailAttachment.create()
                .setContentType(attachment.contentType() + HeaderText.parameter("name", attachment.filename()))
                .setDisposition(
                        (inline ? "inline" : "attachment") + HeaderText.parameter("filename", attachment.filename()))
                .setData(Buffer.buffer(attachment.content()));
        if (attachment.contentId() != null) {
            part.setContentId("<" + attachment.contentId() + ">");
        }
        return part;
    }
}
