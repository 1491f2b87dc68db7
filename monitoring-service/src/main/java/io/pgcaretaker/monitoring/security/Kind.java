package io.pgcaretaker.monitoring.security;

/**
 * A kind of security event.
 *
 * @param term OWASP's name (Logging Vocabulary Cheat Sheet), lower case
 * @param level how much it matters unless the reporter says otherwise
 * @param group what it counts as in the report
 */
public record Kind(String term, Level level, Group group) {

    /** What it counts as. */
    public enum Group {
        FAILED_AUTHENTICATION,
        RATE_LIMIT,
        /** Somebody tries what no user of the application does. */
        SUSPICIOUS,
        OTHER
    }
}
