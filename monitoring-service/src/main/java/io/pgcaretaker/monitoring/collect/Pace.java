package io.pgcaretaker.monitoring.collect;

/** How often a collector runs; the intervals are configuration. */
public enum Pace {
    /** What health and alerts need: connections, running queries. */
    FAST,
    /** Statistics views. */
    MEDIUM,
    /** What reads something of every table or statement. */
    COSTLY,
    /** What costs: sizes. */
    SLOW
}
