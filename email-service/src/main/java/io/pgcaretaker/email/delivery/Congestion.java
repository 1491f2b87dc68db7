package io.pgcaretaker.email.delivery;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Which conversations drag on, and for which domains. A domain whose server is silent or slow keeps few workers busy, so
 * that the others' mail goes on.
 *
 * <p>What a conversation waits for may be its own trouble: a connection that died without a word, while the server answers
 * every other one. So one that others overtake says nothing about its domain, and a domain that is jammed is tried again
 * now and then, or two dead connections would keep all of its mail waiting for as long as an attempt may take.
 */
final class Congestion {

    /** A server that answers at all does so sooner. */
    static final Duration SLOW = Duration.ofSeconds(1);

    /** How long a jammed domain waits to be tried once more. */
    static final Duration TRY_AGAIN = Duration.ofSeconds(5);

    /** Of one domain at a time; one when the last of its mails was slow too. */
    private static final int MOST_SLOW = 2;

    /** Of one domain however many overtake them, and of all together while a jammed domain is tried again. */
    static final int MOST_HELD_UP = 8;

    private final LongSupplier nanos;
    private final Map<String, Talk> talks = new HashMap<>();
    private final Set<String> slowDomains = new HashSet<>();
    private int refused;

    Congestion(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * What a worker is at.
     *
     * @param overtaken another one of its domain began later and was quick
     */
    private record Talk(String domain, long since, boolean overtaken) {
        Talk overtakenBy(Talk quick) {
            return domain.equals(quick.domain()) && since - quick.since() < 0 ? new Talk(domain, since, true) : this;
        }
    }

    /** False when its mail had better wait; nothing begins then. */
    synchronized boolean begins(String worker, String domain) {
        if (isJammed(domain)) {
            refused++;
            return false;
        }
        talks.put(worker, new Talk(domain, nanos.getAsLong(), false));
        return true;
    }

    synchronized void ends(String worker) {
        Talk talk = talks.remove(worker);
        if (talk == null) {
            return;
        }
        if (isSlow(talk)) {
            slowDomains.add(talk.domain());
        } else {
            slowDomains.remove(talk.domain());
            talks.replaceAll((other, its) -> its.overtakenBy(talk));
        }
    }

    private boolean isSlow(Talk talk) {
        return age(talk) > SLOW.toNanos();
    }

    private long age(Talk talk) {
        return nanos.getAsLong() - talk.since();
    }

    synchronized boolean isSlow(String worker) {
        Talk talk = talks.get(worker);
        return talk != null && isSlow(talk);
    }

    private boolean isJammed(String domain) {
        List<Talk> its = talks.values().stream()
                .filter(talk -> talk.domain().equals(domain))
                .toList();
        if (its.stream().filter(this::isSlow).count() >= MOST_HELD_UP) {
            return true;
        }
        boolean known = slowDomains.contains(domain);
        long unanswered = its.stream()
                .filter(talk -> !talk.overtaken() && (known || isSlow(talk)))
                .count();
        return unanswered >= (known ? 1 : MOST_SLOW) && !isTriedAgain(its);
    }

    private boolean isTriedAgain(List<Talk> its) {
        return slow() < MOST_HELD_UP && its.stream().allMatch(talk -> age(talk) > TRY_AGAIN.toNanos());
    }

    /** How many workers are held up. */
    synchronized int slow() {
        return (int) talks.values().stream().filter(this::isSlow).count();
    }

    /** How many mails were told to wait since this was asked last. */
    synchronized int takeRefused() {
        int count = refused;
        refused = 0;
        return count;
    }
}
