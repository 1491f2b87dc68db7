package io.pgcaretaker.email;

import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.smtp.SmtpSettings;

/** Who mails come from when they name nobody. */
public final class Sender {

    private Sender() {}

    /**
     * {@code FROM_EMAIL}, or this machine where mail does not leave it.
     *
     * @throws IllegalArgumentException when it is missing or no address
     */
    public static MailAddress of(EmailConfig config, SmtpSettings smtp) {
        if (config.from().isEmpty()) {
            if (smtp.isLocal()) {
                return MailAddress.parse("Caretaker <caretaker@localhost>");
            }
            throw new IllegalArgumentException(
                    "FROM_EMAIL is not set; it must be an address the SMTP server lets you send from, such as"
                            + " Caretaker <caretaker@example.com>");
        }
        String from = config.from().get();
        try {
            return MailAddress.parse(from);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("FROM_EMAIL " + e.getMessage() + ", but is " + from, e);
        }
    }
}
