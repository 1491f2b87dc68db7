package io.pgcaretaker.email.intake;

import io.pgcaretaker.email.address.MailAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From whom, to whom.
 *
 * @param from absent when the template or the configuration supplies it
 */
public record Envelope(
        @Nullable MailAddress from,
        List<MailAddress> to,
        List<MailAddress> cc,
        List<MailAddress> bcc,
        List<MailAddress> replyTo) {

    public Envelope {
        to = List.copyOf(to);
        cc = List.copyOf(cc);
        bcc = List.copyOf(bcc);
        replyTo = List.copyOf(replyTo);
    }

    public static Envelope to(MailAddress to) {
        return new Envelope(null, List.of(to), List.of(), List.of(), List.of());
    }
}
