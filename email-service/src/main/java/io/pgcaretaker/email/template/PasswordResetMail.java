package io.pgcaretaker.email.template;

import java.time.Instant;

/**
 * The variables of the template {@code password-reset}: a credential.
 *
 * @param expiresAt when the link ends; the mail is not delivered after it
 */
public record PasswordResetMail(String name, String resetUrl, Instant expiresAt) {

    @Override
    public String toString() {
        return "PasswordResetMail[***]";
    }
}
