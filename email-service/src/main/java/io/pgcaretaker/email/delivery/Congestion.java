package io.pgcaretaker.email.delivery;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Which conversations drag on, and for which domains. A domain whose server is silent or slow keeps few workers busy, so
 * that the others' mail goes on.
 */
final class Congestion {

    /** A server that answers at all does so sooner. */
    static final Duration SLOW = Duration.ofSeconds(1);

    /** Of one domain at a time; one when the last of its mails was slow too. */
    private static final int MOST_SLOW = 2;

    private final LongSupplier nanos;
    private final Map<String, Talk> talks = new ConcurrentHashMap<>();
    private final Set<String> slowDomains = ConcurrentHashMap.newKeySet();

    Congestion(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** What a worker is at. */
    private record Talk(String domain, long since) {}

    void begins(String worker, String domain) {
        talks.put(worker, new Talk(domain, nanos.getAsLong()));
    }

    void ends(String worker) {
        Talk talk = talks.remove(worker);
        if (talk == null) {
            return;
        }
        if (isSlow(talk)) {
            slowDomains.add(talk.domain());
        } else {
            slowDomains.remove(talk.domain());
        }
    }

    private boolean isSlow(Talk talk) {
        return nanos.getAsLong() - talk.since() > SLOW.toNanos();
    }

    boolean isSlow(String worker) {
        Talk talk = talks.get(worker);
        return talk != null && isSlow(talk);
    }

    /** Its mail had better wait. */
    boolean isJammed(String domain) {
        boolean known = slowDomains.contains(domain);
        return talks.values().stream()
                        .filter(talk -> talk.domain().equals(domain) && (known || isSlow(talk)))
                        .count()
                >= (known ? 1 : MOST_SLOW);
    }

    /** How many workers are held up. */
    int slow() {
        return (int) talks.values().stream().filter(this::isSlow).count();
    }
}
