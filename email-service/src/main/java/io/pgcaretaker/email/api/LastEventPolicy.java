package io.pgcaretaker.email.api;

import io.pgcaretaker.email.smtp.Reply;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Resend has one word for a mail, we have a state for each recipient: what most needs looking at wins. */
final class LastEventPolicy {

    private LastEventPolicy() {}

    static String lastEvent(List<EmailView.RecipientView> recipients, @Nullable Instant scheduledAt, Instant now) {
        if (any(recipients, "delayed") || any(recipients, "unknown")) {
            return "delivery_delayed";
        }
        if (any(recipients, "queued")) {
            return scheduledAt != null && scheduledAt.isAfter(now) ? "scheduled" : "queued";
        }
        if (any(recipients, "failed")) {
            return recipients.stream().anyMatch(LastEventPolicy::bounced) ? "bounced" : "failed";
        }
        if (any(recipients, "expired")) {
            return "failed";
        }
        // Resend knows no digests: its word for "accepted, and not delivered on purpose".
        if (any(recipients, "suppressed") || any(recipients, "digested")) {
            return "suppressed";
        }
        return any(recipients, "canceled") ? "canceled" : "sent";
    }

    private static boolean bounced(EmailView.RecipientView recipient) {
        return recipient.state().equals("failed") && Reply.isAddressFault(recipient.lastEnhanced());
    }

    private static boolean any(List<EmailView.RecipientView> recipients, String state) {
        return recipients.stream().anyMatch(recipient -> recipient.state().equals(state));
    }
}
