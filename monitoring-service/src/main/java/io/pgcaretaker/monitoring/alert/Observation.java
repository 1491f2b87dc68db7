package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.pgcaretaker.monitoring.collect.Reading;
import java.util.Objects;

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

    /** Of a reading whose rows cannot be taken for the present. */
    static Observation notSeen(Reading reading) {
        String reason = Objects.requireNonNullElse(reading.reason(), "the last look is too old");
        return reading.outcome() == CollectOutcome.SKIPPED ? new Skipped(reason) : new Unknown(reason);
    }
}
