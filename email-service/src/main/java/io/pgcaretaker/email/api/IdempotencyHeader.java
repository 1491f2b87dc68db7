package io.pgcaretaker.email.api;

import io.pgcaretaker.email.address.SafeText;
import org.jspecify.annotations.Nullable;

/** {@code Idempotency-Key}: 1 to 256 characters. */
final class IdempotencyHeader {

    static final String NAME = "Idempotency-Key";

    private static final int LONGEST = 256;

    private IdempotencyHeader() {}

    static @Nullable String checked(@Nullable String key) {
        if (key != null && (key.isBlank() || key.length() > LONGEST || !SafeText.isLine(key))) {
            throw Answers.problem(
                    400, "invalid_idempotency_key", "The idempotency key must be between 1 and 256 characters.");
        }
        return key;
    }
}
