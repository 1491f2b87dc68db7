package io.pgcaretaker.cleanup.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.ZoneId;

/**
 * The column that says how old a row is.
 *
 * @param means what the time in it stands for
 * @param zone the column's time zone when its type has none
 */
public record AgeColumn(String column, Means means, ZoneId zone) {

    /** What the time in an age column stands for. */
    public enum Means {
        /** Something happened then, such as the deletion; retention counts from there and is at least a day. */
        @JsonProperty("event")
        EVENT,
        /** The row's life ends then; retention is what is kept beyond and may be nothing. */
        @JsonProperty("end-of-life")
        END_OF_LIFE
    }
}
