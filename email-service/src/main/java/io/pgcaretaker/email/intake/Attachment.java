package io.pgcaretaker.email.intake;

import org.jspecify.annotations.Nullable;

/**
 * A file of a mail.
 *
 * @param contentId under which the HTML shows it ({@code cid:…}); absent for a plain attachment
 */
@SuppressWarnings("ArrayRecordComponent") // Compared nowhere; a copy of ten megabytes would be.
public record Attachment(
        String filename, String contentType, @Nullable String contentId, byte[] content) {

    @Override
    public String toString() {
        return "Attachment[" + content.length + " bytes]";
    }
}
