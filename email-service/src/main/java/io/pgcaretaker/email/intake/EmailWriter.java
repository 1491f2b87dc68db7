package io.pgcaretaker.email.intake;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;

/** Writes mails with all that belongs to them, in the caller's transaction: one statement for any number of them. */
@ApplicationScoped
class EmailWriter {

    private static final int DEADLINE_SECONDS = 10;

    /** A suppressed address ends here and is never due; the database's clock says when the rest is. */
    private static final String INSERT = """
            /* caretaker.email-insert */
            with mails as (
              insert into caretaker.email (
                id, caller, kind, from_address, to_addresses, cc_addresses, bcc_addresses, reply_to,
                subject, html, plain, headers, tags, scheduled_at, expires_at)
              select m.id, m.caller, m.kind, m.from_address, m.tos::text[], m.ccs::text[], m.bccs::text[],
                m.replies::text[], m.subject, m.html, m.plain, m.headers::jsonb, m.tags::jsonb, m.scheduled_at,
                m.expires_at
              from unnest(
                  ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                  ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[])
                as m (
                  id, caller, kind, from_address, tos, ccs, bccs, replies, subject, html, plain, headers, tags,
                  scheduled_at, expires_at)
            ), written as (
              insert into caretaker.email_recipient (
                email_id, position, field, address, message_id, state, next_attempt_at)
              select g.email_id, g.position, g.field, g.address, g.message_id,
                case when s.address is null then 'queued' else 'suppressed' end,
                case when s.address is null then coalesce(g.at, clock_timestamp()) end
              from unnest(?::uuid[], ?::integer[], ?::text[], ?::text[], ?::text[], ?::timestamptz[])
                as g (email_id, position, field, address, message_id, at)
              left join caretaker.suppression s on s.address = lower(g.address)
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
            """;

    private final ObjectMapper json;

    EmailWriter(ObjectMapper json) {
        this.json = json;
    }

    void write(Connection connection, List<NewEmail> emails) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setQueryTimeout(DEADLINE_SECONDS);
            int next = new MailRows(connection, emails, json).set(insert, 1);
            new RecipientRows(emails).set(connection, insert, next);
            insert.executeUpdate();
        }
        for (NewEmail email : emails) {
            writeAttachments(connection, email);
            writeSecret(connection, email);
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
                insert.setQueryTimeout(DEADLINE_SECONDS);
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

    private static void writeSecret(Connection connection, NewEmail email) throws SQLException {
        var secret = email.body().secret();
        if (secret == null) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement("""
                /* caretaker.email-insert-secret */
                insert into caretaker.email_secret (email_id, sealed, data_key, wrapping_key_id, expires_at)
                values (?, ?, ?, ?, ?)
                """)) {
            insert.setQueryTimeout(DEADLINE_SECONDS);
            insert.setObject(1, email.id());
            insert.setBytes(2, secret.sealed());
            insert.setBytes(3, secret.dataKey());
            insert.setString(4, secret.wrappingKeyId());
            insert.setTimestamp(5, Timestamp.from(email.expiresAt()));
            insert.executeUpdate();
        }
    }
}
