package io.pgcaretaker.email.delivery;

import io.pgcaretaker.email.Kind;
import java.util.UUID;

/**
 * A recipient whose turn it is.
 *
 * @param attempt the fencing token: every later write repeats it
 * @param outcomeUnknown true when an earlier claim began to send and never told how it ended
 * @param begun true when a crash from now on leaves the outcome unknown; a kind that must not come twice is begun on its
 *     own, just before it is sent
 * @param hasPlace true when it has waited for its place at a rate, and it is its turn
 * @param leaseEnds by {@link System#nanoTime}: after it the mail may be another worker's
 * @param expires by {@link System#nanoTime}: after it the mail is of no use
 */
record Claimed(
        long recipientId,
        UUID emailId,
        int attempt,
        boolean outcomeUnknown,
        boolean begun,
        boolean hasPlace,
        long leaseEnds,
        long expires,
        StoredMail mail) {

    Kind kind() {
        return Kind.ofWireName(mail.kind());
    }
}
