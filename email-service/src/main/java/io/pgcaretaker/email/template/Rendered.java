package io.pgcaretaker.email.template;

/** A mail as it goes out; may hold a credential. */
public record Rendered(String subject, String html, String text) {
    @Override
    public String toString() {
        return "Rendered[***]";
    }
}
