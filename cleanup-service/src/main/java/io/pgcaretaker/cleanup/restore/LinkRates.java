package io.pgcaretaker.cleanup.restore;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongSupplier;

/** So many requests a second for each link, before it takes of what all of them share: who has one keeps no other out. */
final class LinkRates {

    /** Who has a link looks, clicks, and clicks again, and a mail program or two have looked before. */
    private static final int PER_SECOND = 5;

    /** Far more than get through in the second that a rate remembers. */
    private static final int LINKS = 1_000;

    private final LongSupplier clock;
    private final Map<UUID, RequestRate> rates = new LinkedHashMap<>(16, 0.75f, true);

    /** The clock counts nanoseconds. */
    LinkRates(LongSupplier clock) {
        this.clock = clock;
    }

    synchronized boolean allows(UUID notice) {
        boolean allows = rates.computeIfAbsent(notice, one -> new RequestRate(PER_SECOND, clock))
                .allows();
        if (rates.size() > LINKS) {
            // The one that was followed the longest ago.
            rates.remove(rates.keySet().iterator().next());
        }
        return allows;
    }
}
