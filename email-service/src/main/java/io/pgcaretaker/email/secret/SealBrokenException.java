package io.pgcaretaker.email.secret;

import org.jspecify.annotations.Nullable;

/** A sealed text cannot be opened: its mail can never be sent. */
public final class SealBrokenException extends RuntimeException {
    SealBrokenException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Its mail has ended or expired before. */
    public static SealBrokenException erased() {
        return new SealBrokenException("the sealed text was erased", null);
    }
}
