package io.pgcaretaker.email.delivery;

import java.util.UUID;

/**
 * A recipient whose turn it is.
 *
 * @param attempt the fencing token: every later write repeats it
 * @param outcomeUnknown true when an earlier claim began to send and never told how it ended
 */
record Claimed(long recipientId, UUID emailId, int attempt, boolean outcomeUnknown) {}
