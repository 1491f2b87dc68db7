package io.pgcaretaker.startup;

/** The database's schema {@code caretaker} lacks migrations that this build needs. */
final class SchemaTooOldException extends RuntimeException {
    SchemaTooOldException(String message) {
        super(message);
    }
}
