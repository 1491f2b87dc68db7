package io.pgcaretaker.cleanup.policy;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of one column when its row is anonymised. Null stays null, and what is masked is recognised and left.
 *
 * @param value the constant; absent with the others
 */
public record Mask(String column, With with, @Nullable String value) {

    /** The ways. */
    public enum With {
        NULL,
        CONSTANT,
        /** HMAC-SHA256 under this database's key: the same value gives the same pseudonym. */
        HMAC,
        /** A random address that can never receive mail. */
        RANDOM_ADDRESS,
        /** Letters and all that is not ASCII become x, digits become 0, everything else stays. */
        KEEP_FORMAT;

        String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static With parse(String wireName) {
            return Arrays.stream(values())
                    .filter(with -> with.wireName().equals(wireName))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("mask.with must be one of "
                            + Arrays.stream(values()).map(With::wireName).collect(Collectors.joining(", "))
                            + ", but is '" + wireName + "'"));
        }
    }

    public Mask {
        if ((with == With.CONSTANT) != (value != null)) {
            throw new IllegalArgumentException(
                    "mask of " + column + " must have a value when it is constant, and only then");
        }
    }
}
