package io.pgcaretaker.monitoring.collect;

import java.util.Locale;

/** How one attempt of a collector ended; the same word in the log, the metric and the REST answer. */
public enum CollectOutcome {
    OK,
    /** Not looked yet. */
    PENDING,
    /** A grant or an extension is missing, or the server's version has no such thing. */
    SKIPPED,
    /** The server cancelled it, or did not answer before the deadline. */
    TIMED_OUT,
    FAILED,
    /** There was no connection to look through. */
    NO_CONNECTION;

    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
