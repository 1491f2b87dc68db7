package io.pgcaretaker.monitoring.collect;

import java.time.Instant;

/** Lets a test have an outage without one. */
public final class Outages {

    private Outages() {}

    public static void happened(Contact contact, Instant start, Instant end) {
        contact.lost(start, Contact.Loss.DOWN);
        contact.made(end);
    }
}
