package io.pgcaretaker.email.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.Kind;
import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.intake.Attachment;
import io.pgcaretaker.email.secret.KeyRepository;
import io.pgcaretaker.email.secret.SealBrokenException;
import io.pgcaretaker.email.secret.SealedSecret;
import io.pgcaretaker.email.template.Rendered;
import io.pgcaretaker.email.template.Templates;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Marks a claimed mail as begun and reads it; a credential is opened here and nowhere else. */
@ApplicationScoped
class MailLoader {

    private static final Logger LOG = Logger.getLogger(MailLoader.class);
    private static final TypeReference<Map<String, String>> HEADERS = new TypeReference<>() {};
    private static final TypeReference<Map<String, Object>> VARIABLES = new TypeReference<>() {};

    private final DataSource database;
    private final KeyRepository keys;
    private final Templates templates;
    private final ObjectMapper json;

    MailLoader(DataSource database, KeyRepository keys, Templates templates, ObjectMapper json) {
        this.database = database;
        this.keys = keys;
        this.templates = templates;
        this.json = json;
    }

    /**
     * A mail about to be sent.
     *
     * @param attempts used up so far
     * @param fault why it can never be sent: suppressed, expired or sealed for good; else the mail is there
     */
    record Loaded(
            Kind kind,
            int attempts,
            @Nullable Fault fault,
            @Nullable OutgoingMail mail) {}

    /** A recipient's end without an attempt. */
    record Fault(String state, String reason) {}

    /**
     * One commit: from here on a crash leaves the outcome unknown. Empty when the lease was lost or the mail canceled.
     */
    Optional<Loaded> begin(Claimed claimed, Duration lease) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-begin */
                        with mine as (
                          update caretaker.email_due
                          set started = true,
                              due_at = now() + ? * interval '1 millisecond'
                          where recipient_id = ?
                            and attempt = ?
                          returning recipient_id, email_id
                        )
                        select e.id, e.created_at, e.kind, e.from_address, e.to_addresses, e.cc_addresses, e.reply_to,
                          e.subject, e.html, e.plain, e.headers,
                          e.expires_at <= now() as expired,
                          s.address is not null as suppressed,
                          exists (select from caretaker.email_attachment a where a.email_id = e.id) as has_attachments,
                          r.address, r.message_id, r.attempts, r.state,
                          c.sealed, c.data_key, c.wrapping_key_id
                        from mine
                        join caretaker.email_recipient r on r.id = mine.recipient_id
                        join caretaker.email e on e.id = mine.email_id
                        left join caretaker.suppression s on s.address = lower(r.address)
                        left join caretaker.email_secret c on c.email_id = e.id
                        """)) {
            statement.setQueryTimeout(QueueRepository.DEADLINE_SECONDS);
            statement.setLong(1, lease.toMillis());
            statement.setLong(2, claimed.recipientId());
            statement.setInt(3, claimed.attempt());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(loaded(connection, row)) : Optional.empty();
            }
        }
    }

    private Loaded loaded(Connection connection, ResultSet row) throws SQLException {
        Kind kind = Kind.ofWireName(row.getString("kind"));
        int attempts = row.getInt("attempts");
        if (row.getBoolean("expired")) {
            // What may have arrived is not called expired.
            String state = row.getString("state").equals("unknown") ? "unknown" : "expired";
            return new Loaded(kind, attempts, new Fault(state, "not delivered before it expired"), null);
        }
        if (row.getBoolean("suppressed")) {
            return new Loaded(kind, attempts, new Fault("suppressed", "the address is on the suppression list"), null);
        }
        try {
            return new Loaded(kind, attempts, null, mail(connection, row, kind));
        } catch (SealBrokenException e) {
            return new Loaded(kind, attempts, new Fault("failed", String.valueOf(e.getMessage())), null);
        } catch (RuntimeException e) {
            // It would fail the same way each time; left due, it would come back for ever.
            LOG.errorf(e, "a stored mail cannot be built email=%s", row.getObject("id", UUID.class));
            return new Loaded(kind, attempts, new Fault("failed", "the mail cannot be built"), null);
        }
    }

    private OutgoingMail mail(Connection connection, ResultSet row, Kind kind) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        OutgoingMail.Addresses addresses = new OutgoingMail.Addresses(
                MailAddress.parse(row.getString("from_address")),
                addresses(row, "to_addresses"),
                addresses(row, "cc_addresses"),
                addresses(row, "reply_to"));
        return new OutgoingMail(
                row.getString("address"),
                row.getString("message_id"),
                row.getTimestamp("created_at").toInstant(),
                addresses,
                content(row, id, kind),
                row.getBoolean("has_attachments") ? attachments(connection, id) : List.of());
    }

    private OutgoingMail.Content content(ResultSet row, UUID id, Kind kind) throws SQLException {
        Map<String, String> headers = read(row.getString("headers"), HEADERS);
        String subject = row.getString("subject");
        if (!kind.isSecret()) {
            return new OutgoingMail.Content(subject, row.getString("html"), row.getString("plain"), headers);
        }
        byte[] sealed = row.getBytes("sealed");
        if (sealed == null) {
            throw SealBrokenException.erased();
        }
        SealedSecret secret = new SealedSecret(sealed, row.getBytes("data_key"), row.getString("wrapping_key_id"));
        Rendered rendered = templates.render(kind, read(secret.open(id, keys.key()), VARIABLES));
        return new OutgoingMail.Content(subject, rendered.html(), rendered.text(), headers);
    }

    private static List<Attachment> attachments(Connection connection, UUID id) throws SQLException {
        List<Attachment> attachments = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                /* caretaker.email-attachments */
                select filename, content_type, content_id, content
                from caretaker.email_attachment
                where email_id = ?
                order by position
                """)) {
            statement.setQueryTimeout(2 * QueueRepository.DEADLINE_SECONDS);
            statement.setObject(1, id);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    attachments.add(new Attachment(
                            rows.getString("filename"),
                            rows.getString("content_type"),
                            rows.getString("content_id"),
                            rows.getBytes("content")));
                }
            }
        }
        return attachments;
    }

    private static List<MailAddress> addresses(ResultSet row, String column) throws SQLException {
        return Arrays.stream((String[]) row.getArray(column).getArray())
                .map(MailAddress::parse)
                .toList();
    }

    private <T> T read(String text, TypeReference<T> type) {
        try {
            return json.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored mail holds no JSON object", e);
        }
    }
}
