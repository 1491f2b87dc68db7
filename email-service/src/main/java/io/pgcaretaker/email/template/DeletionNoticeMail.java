package io.pgcaretaker.email.template;

import java.time.Instant;

/**
 * The variables of the template {@code deletion-notice}: a credential.
 *
 * @param purgeAt from when on the account cannot be restored
 */
public record DeletionNoticeMail(String name, Instant deletedAt, Instant purgeAt, String restoreUrl) {

    @Override
    public String toString() {
        return "DeletionNoticeMail[***]";
    }
}
