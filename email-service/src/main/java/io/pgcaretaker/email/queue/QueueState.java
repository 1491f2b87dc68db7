package io.pgcaretaker.email.queue;

import java.time.Instant;

/**
 * The queue at a glance.
 *
 * @param waiting recipients whose mail is to be sent, scheduled ones not counted
 * @param scheduled recipients whose time has not come
 * @param unknown recipients whose outcome is not known
 * @param oldestWaitingSeconds how long the first of the waiting has been due; 0 when none waits
 * @param measuredAt by this process's clock
 */
public record QueueState(long waiting, long scheduled, long unknown, long oldestWaitingSeconds, Instant measuredAt) {}
