package io.pgcaretaker.email.intake;

/** A request that is refused, in the words of Resend's contract; nothing of it is kept. */
public final class RefusedException extends RuntimeException {

    private final int status;
    private final String name;

    public RefusedException(int status, String name, String message) {
        super(message);
        this.status = status;
        this.name = name;
    }

    static RefusedException missing(String field) {
        return new RefusedException(422, "missing_required_field", "Missing `" + field + "` field.");
    }

    static RefusedException invalid(String field, String rule) {
        return new RefusedException(422, "validation_error", "Invalid `" + field + "` field: it " + rule + ".");
    }

    static RefusedException attachment(String rule) {
        return new RefusedException(422, "invalid_attachment", "Invalid `attachments` field: " + rule + ".");
    }

    public int status() {
        return status;
    }

    /** Such as {@code validation_error}. */
    public String name() {
        return name;
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
