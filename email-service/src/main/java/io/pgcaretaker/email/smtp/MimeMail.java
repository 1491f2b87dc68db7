package io.pgcaretaker.email.smtp;

import io.pgcaretaker.email.dkim.DkimSigner;
import io.pgcaretaker.email.dkim.DkimSigners;
import io.pgcaretaker.email.dkim.SignedStream;
import io.pgcaretaker.email.intake.Attachment;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.mail.MailAttachment;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.mailencoder.EncodedPart;
import io.vertx.ext.mail.mailencoder.MailEncoder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A mail as it goes over the wire: parts encoded by quarkus-mailer's client, every header by us. */
final class MimeMail {

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    /** Base64 and quoted-printable make a mail longer, never more than this. */
    private static final int LARGEST_GROWTH = 3;

    private final String from;
    private final String recipient;
    private final long expires;
    private final EncodedPart whole;
    private final long roughBytes;
    /** A header with its end of line, or nothing. */
    private final String signature;

    private MimeMail(OutgoingMail mail, DkimSigners signers) {
        this.from = mail.addresses().from().address();
        this.recipient = mail.recipient();
        this.expires = mail.expires();
        this.whole = new MailEncoder(message(mail), "localhost").encodeMail();
        this.roughBytes = mail.roughBytes();
        this.signature = signers.of(mail.addresses().from().domain())
                .map(signer -> signature(signer, mail.date()))
                .orElse("");
    }

    private String signature(DkimSigner signer, Instant date) {
        SignedStream message = signer.stream();
        try {
            WireText.withoutDoubledDots(message).write(whole);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return signer.sign(message, date);
    }

    static MimeMail of(OutgoingMail mail, DkimSigners signers) {
        return new MimeMail(mail, signers);
    }

    String from() {
        return from;
    }

    String recipient() {
        return recipient;
    }

    /** True when it is of no use any more. */
    boolean isExpired() {
        return System.nanoTime() - expires >= 0;
    }

    /** Counted only where it could matter. */
    boolean isAtMost(long bytes) {
        if (roughBytes * LARGEST_GROWTH < bytes) {
            return true;
        }
        try {
            WireText counter = new WireText(OutputStream.nullOutputStream());
            counter.write(whole);
            return counter.bytes() <= bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without the final dot. */
    void writeTo(OutputStream out) throws IOException {
        out.write(signature.getBytes(StandardCharsets.US_ASCII));
        new WireText(out).write(whole);
    }

    private static MailMessage message(OutgoingMail mail) {
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
