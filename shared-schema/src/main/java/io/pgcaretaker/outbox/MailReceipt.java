package io.pgcaretaker.outbox;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What became of a mail to one recipient.
 *
 * @param word email-service's own for it, such as {@code suppressed}
 */
public record MailReceipt(State state, String word) {

    /**
     * RFC 3463: about the recipient's address (other than 5.1.7 and 5.1.8, which are about the sender's), their mailbox (other
     * than 5.2.3, the mail's length), or the way to their domain.
     */
    private static final Pattern OF_THE_RECIPIENT = Pattern.compile("[45]\\.(?:1\\.(?![78]$)|2\\.(?!3$)|4\\.)\\d+");

    /** RFC 5321, of servers that say no more: the mailbox cannot be had, or cannot be one. */
    private static final Set<Integer> OF_THE_MAILBOX = Set.of(450, 550, 551, 553);

    /** As far as the sender need know. */
    public enum State {
        /** Waiting, being tried again, or an attempt's outcome is not known. */
        PENDING,
        /** The recipient's server has taken it. */
        DELIVERED,
        /** It will not arrive at this address. */
        UNDELIVERABLE,
        /**
         * It came to nothing, and nothing says that the address is at fault: the sender, the mail or whoever handed it over was
         * refused, it could not be built, or somebody canceled it. Once that is mended it may arrive.
         */
        REFUSED,
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
                    case "suppressed" -> State.UNDELIVERABLE;
                    case "canceled" -> State.REFUSED;
                    case "failed" -> isOfTheRecipient(recipient) ? State.UNDELIVERABLE : State.REFUSED;
                    case "expired" ->
                        recipient.attempts() == 0
                                ? State.UNTRIED
                                : isOfTheRecipient(recipient) ? State.UNDELIVERABLE : State.REFUSED;
                    default -> State.PENDING;
                },
                recipient.state());
    }

    private static boolean isOfTheRecipient(EmailServiceApi.Recipient recipient) {
        String enhanced = recipient.lastEnhanced();
        Integer code = recipient.lastCode();
        return enhanced == null
                ? code != null && OF_THE_MAILBOX.contains(code)
                : OF_THE_RECIPIENT.matcher(enhanced).matches();
    }
}
