package io.pgcaretaker.cli.local;

import org.jspecify.annotations.Nullable;

/** Something cannot be done, in a sentence for the person at the terminal; no stack trace is shown for it. */
public final class CannotException extends RuntimeException {

    public CannotException(String message) {
        this(message, null);
    }

    public CannotException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
