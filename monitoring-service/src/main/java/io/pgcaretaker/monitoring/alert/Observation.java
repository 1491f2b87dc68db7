package io.pgcaretaker.monitoring.alert;

/** What a rule sees in one situation. */
public sealed interface Observation {

    /** It is wrong. No SQL, no account and no host in these sentences: they go into mails. */
    record Wrong(String summary, String value, String threshold) implements Observation {}

    /** It is well. */
    record Well(String value) implements Observation {}

    /** Cannot be seen now; nothing opens and nothing closes. */
    record Unknown(String reason) implements Observation {}

    /** Is not looked at: a setting or a grant is missing. */
    record Skipped(String reason) implements Observation {}
}
