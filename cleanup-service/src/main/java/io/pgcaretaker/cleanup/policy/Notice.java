package io.pgcaretaker.cleanup.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Who is told before a row is purged.
 *
 * @param before how long before
 * @param emailColumn where to
 * @param nameColumn how they are addressed; absent: by no name
 * @param undeliverable what becomes of a row whose notice cannot be delivered
 */
public record Notice(
        Retention before, String emailColumn, @Nullable String nameColumn, Undeliverable undeliverable) {

    /** What becomes of a row of whom nobody can be told. */
    public enum Undeliverable {
        /** It goes all the same, as long after that was found as a delivered notice would give. */
        @JsonProperty("purge")
        PURGE,
        /** It stays until somebody decides. */
        @JsonProperty("hold")
        HOLD
    }

    public Notice {
        if (before.isShorterThanADay()) {
            throw new IllegalArgumentException("notice.before must be at least 1 day, but is '" + before + "'");
        }
    }

    Notice renamed(UnaryOperator<String> names) {
        return new Notice(
                before, names.apply(emailColumn), nameColumn == null ? null : names.apply(nameColumn), undeliverable);
    }
}
