package io.pgcaretaker.email.delivery;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the columns of a claim. */
final class StoredMails {

    private StoredMails() {}

    static StoredMail read(ResultSet row) throws SQLException {
        return new StoredMail(
                row.getString("kind"),
                row.getString("state"),
                row.getInt("attempts"),
                row.getString("address"),
                row.getString("message_id"),
                row.getTimestamp("created_at").toInstant(),
                new StoredMail.Addresses(
                        row.getString("from_address"),
                        texts(row, "to_addresses"),
                        texts(row, "cc_addresses"),
                        texts(row, "reply_to")),
                row.getString("subject"),
                row.getString("headers"),
                new StoredMail.Bodies(row.getString("html"), row.getString("plain")),
                row.getBoolean("apart"),
                row.getBoolean("has_attachments"),
                row.getLong("attachment_bytes"),
                row.getBoolean("suppressed"),
                sealed(row));
    }

    private static StoredMail.@Nullable Sealed sealed(ResultSet row) throws SQLException {
        byte[] text = row.getBytes("sealed");
        return text == null
                ? null
                : new StoredMail.Sealed(text, row.getBytes("data_key"), row.getString("wrapping_key_id"));
    }

    private static List<String> texts(ResultSet row, String column) throws SQLException {
        return Arrays.asList((String[]) row.getArray(column).getArray());
    }
}
