package io.pgcaretaker.outbox;

import java.util.List;

/**
 * What became of a mail to one recipient.
 *
 * @param word email-service's own for it, such as {@code suppressed}
 */
public record MailReceipt(State state, String word) {

    /** As far as the sender need know. */
    public enum State {
        /** Waiting, being tried again, or an attempt's outcome is not known. */
        PENDING,
        /** The recipient's server has taken it. */
        DELIVERED,
        /** It will not arrive at this address. */
        UNDELIVERABLE,
        /** Its time was over before any server had said anything about it: the way out was shut. */
        UNTRIED,
        /** email-service knows no such mail (any more). */
        MISSING,
        /** Nothing is known at present. */
        NO_ANSWER
    }

    static MailReceipt of(List<EmailServiceApi.Recipient> recipients) {
        if (recipients.isEmpty()) {
            return new MailReceipt(State.MISSING, "missing");
        }
        EmailServiceApi.Recipient recipient = recipients.get(0);
        return new MailReceipt(
                switch (recipient.state()) {
                    case "sent" -> State.DELIVERED;
                    case "failed", "suppressed", "canceled" -> State.UNDELIVERABLE;
                    case "expired" -> recipient.attempts() == 0 ? State.UNTRIED : State.UNDELIVERABLE;
                    default -> State.PENDING;
                },
                recipient.state());
    }
}
