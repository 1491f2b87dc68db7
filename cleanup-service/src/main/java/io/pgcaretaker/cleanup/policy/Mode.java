package io.pgcaretaker.cleanup.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** Whether a policy deletes or only says what it would. */
public enum Mode {
    @JsonProperty("shadow")
    SHADOW,
    @JsonProperty("enforce")
    ENFORCE;

    /** The name in configuration, log, table and answer. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Mode parse(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
