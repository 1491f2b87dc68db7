package io.pgcaretaker.cleanup.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The column that says how old a row is.
 *
 * @param means what the time in it stands for
 * @param zone the column's time zone when its type has none
 * @param epoch what it counts from 1970 on, where it is a number; absent: it is a date or a timestamp
 */
public record AgeColumn(
        String column, Means means, ZoneId zone, @Nullable Epoch epoch) {

    /** What the time in an age column stands for. */
    public enum Means {
        /** Something happened then, such as the deletion; retention counts from there and is at least a day. */
        @JsonProperty("event")
        EVENT,
        /** The row's life ends then; retention is what is kept beyond and may be nothing. */
        @JsonProperty("end-of-life")
        END_OF_LIFE
    }

    /** What a number counts from the beginning of 1970 on, in UTC. */
    public enum Epoch {
        @JsonProperty("seconds")
        SECONDS(1),
        @JsonProperty("milliseconds")
        MILLISECONDS(1_000),
        @JsonProperty("microseconds")
        MICROSECONDS(1_000_000);

        private final int inASecond;

        Epoch(int inASecond) {
            this.inASecond = inASecond;
        }

        /** The last number that is not after an instant. */
        public long of(Instant instant) {
            return instant.getEpochSecond() * inASecond + instant.getNano() / (1_000_000_000 / inASecond);
        }

        /** As PostgreSQL writes an interval. */
        public String unit() {
            return wireName().substring(0, wireName().length() - 1);
        }

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        @Override
        public String toString() {
            return wireName();
        }
    }

    /** Part of a policy's version, which is of before ages could be numbers, too. */
    @Override
    public String toString() {
        String text = "AgeColumn[column=" + column + ", means=" + means + ", zone=" + zone;
        return epoch == null ? text + "]" : text + ", epoch=" + epoch + "]";
    }
}
