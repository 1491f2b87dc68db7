package io.pgcaretaker.email.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.secret.SealedSecret;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Writes one mail with all that belongs to it, in the caller's transaction. */
@ApplicationScoped
class EmailWriter {

    private final ObjectMapper json;

    EmailWriter(ObjectMapper json) {
        this.json = json;
    }

    void write(Connection connection, NewEmail email) throws SQLException {
        writeEmail(connection, email);
        writeAttachments(connection, email);
        SealedSecret secret = email.body().secret();
        if (secret != null) {
            writeSecret(connection, email, secret);
        }
        writeRecipients(connection, email);
    }

    private void writeEmail(Connection connection, NewEmail email) throws SQLException {
        Envelope envelope = email.envelope();
        try (PreparedStatement insert = connection.prepareStatement("""
                /* caretaker.email-insert */
                insert into caretaker.email (
                  id, caller, kind, from_address, to_addresses, cc_addresses, bcc_addresses, reply_to,
                  subject, html, plain, headers, tags, scheduled_at, expires_at)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?, ?)
                """)) {
            insert.setObject(1, email.id());
            insert.setString(2, email.caller());
            insert.setString(3, email.kind().wireName());
            insert.setString(4, Objects.requireNonNull(envelope.from()).display());
            insert.setArray(5, addresses(connection, envelope.to()));
            insert.setArray(6, addresses(connection, envelope.cc()));
            insert.setArray(7, addresses(connection, envelope.bcc()));
            insert.setArray(8, addresses(connection, envelope.replyTo()));
            insert.setString(9, email.body().subject());
            insert.setString(10, email.body().html());
            insert.setString(11, email.body().text());
            insert.setString(12, asJson(email.body().headers()));
            insert.setString(13, asJson(email.tags()));
            insert.setTimestamp(14, email.scheduledAt() == null ? null : Timestamp.from(email.scheduledAt()));
            insert.setTimestamp(15, Timestamp.from(email.expiresAt()));
            insert.executeUpdate();
        }
    }

    private static void writeAttachments(Connection connection, NewEmail email) throws SQLException {
        int position = 0;
        for (Attachment attachment : email.attachments()) {
            try (PreparedStatement insert = connection.prepareStatement("""
                    /* caretaker.email-insert-attachment */
                    insert into caretaker.email_attachment (
                      email_id, position, filename, content_type, content_id, content)
                    values (?, ?, ?, ?, ?, ?)
                    """)) {
                insert.setObject(1, email.id());
                insert.setInt(2, position++);
                insert.setString(3, attachment.filename());
                insert.setString(4, attachment.contentType());
                insert.setString(5, attachment.contentId());
                insert.setBytes(6, attachment.content());
                insert.executeUpdate();
            }
        }
    }

    private static void writeSecret(Connection connection, NewEmail email, SealedSecret secret) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
                /* caretaker.email-insert-secret */
                insert into caretaker.email_secret (email_id, sealed, data_key, wrapping_key_id, expires_at)
                values (?, ?, ?, ?, ?)
                """)) {
            insert.setObject(1, email.id());
            insert.setBytes(2, secret.sealed());
            insert.setBytes(3, secret.dataKey());
            insert.setString(4, secret.wrappingKeyId());
            insert.setTimestamp(5, Timestamp.from(email.expiresAt()));
            insert.executeUpdate();
        }
    }

    /** A suppressed address ends here and is never due; the database's clock says when the rest is. */
    private static void writeRecipients(Connection connection, NewEmail email) throws SQLException {
        Recipients recipients = Recipients.of(email);
        try (PreparedStatement insert = connection.prepareStatement("""
                /* caretaker.email-insert-recipients */
                with given as (
                  select *
                  from unnest(?::integer[], ?::text[], ?::text[], ?::text[]) as g (position, field, address, message_id)
                ), written as (
                  insert into caretaker.email_recipient (
                    email_id, position, field, address, message_id, state, next_attempt_at)
                  select ?, g.position, g.field, g.address, g.message_id,
                    case when s.address is null then 'queued' else 'suppressed' end,
                    case when s.address is null then coalesce(?, clock_timestamp()) end
                  from given g
                  left join caretaker.suppression s on s.address = lower(g.address)
                  order by g.position
                  returning id, email_id, state, next_attempt_at
                ), told as (
                  insert into caretaker.email_attempt (email_id, recipient_id, attempt, outcome, reply)
                  select email_id, id, 0, 'suppressed', 'the address is on the suppression list'
                  from written
                  where state = 'suppressed'
                )
                insert into caretaker.email_due (recipient_id, email_id, due_at)
                select id, email_id, next_attempt_at
                from written
                where state = 'queued'
                """)) {
            insert.setArray(1, connection.createArrayOf("integer", recipients.positions.toArray()));
            insert.setArray(2, connection.createArrayOf("text", recipients.fields.toArray()));
            insert.setArray(3, connection.createArrayOf("text", recipients.addresses.toArray()));
            insert.setArray(4, connection.createArrayOf("text", recipients.messageIds.toArray()));
            insert.setObject(5, email.id());
            insert.setTimestamp(6, email.scheduledAt() == null ? null : Timestamp.from(email.scheduledAt()));
            insert.executeUpdate();
        }
    }

    private static Array addresses(Connection connection, List<MailAddress> addresses) throws SQLException {
        return connection.createArrayOf(
                "text", addresses.stream().map(MailAddress::display).toArray());
    }

    private String asJson(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("strings can be written as JSON", e);
        }
    }

    /** Each address once, whatever field names it again, in four columns. */
    private static final class Recipients {
        private final List<Integer> positions = new ArrayList<>();
        private final List<String> fields = new ArrayList<>();
        private final List<String> addresses = new ArrayList<>();
        private final List<String> messageIds = new ArrayList<>();
        private final Set<String> seen = new HashSet<>();

        static Recipients of(NewEmail email) {
            Recipients recipients = new Recipients();
            recipients.add("to", email.envelope().to(), email);
            recipients.add("cc", email.envelope().cc(), email);
            recipients.add("bcc", email.envelope().bcc(), email);
            return recipients;
        }

        private void add(String field, List<MailAddress> more, NewEmail email) {
            String domain = Objects.requireNonNull(email.envelope().from()).domain();
            for (MailAddress address : more) {
                if (seen.add(MailAddress.normalised(address.address()))) {
                    int position = positions.size();
                    positions.add(position);
                    fields.add(field);
                    addresses.add(address.address());
                    messageIds.add("<" + email.id() + "." + position + "@" + domain + ">");
                }
            }
        }
    }
}
