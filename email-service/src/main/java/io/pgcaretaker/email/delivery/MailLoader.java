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
import io.pgcaretaker.email.smtp.OutgoingMail;
import io.pgcaretaker.email.template.Rendered;
import io.pgcaretaker.email.template.Templates;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** Makes a claimed mail ready to be said; a credential is opened here and nowhere else. */
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

    /** A mail, or why it can never be sent. */
    sealed interface Loaded {
        record Ready(OutgoingMail mail) implements Loaded {}

        /** A recipient's end without an attempt. */
        record Fault(String state, String reason) implements Loaded {}
    }

    Loaded load(Claimed claimed) throws SQLException {
        StoredMail stored = claimed.mail();
        if (System.nanoTime() - claimed.expires() >= 0) {
            // What may have arrived is not called expired.
            String state = stored.state().equals("unknown") ? "unknown" : "expired";
            return new Loaded.Fault(state, "not delivered before it expired");
        }
        if (stored.suppressed()) {
            return new Loaded.Fault("suppressed", "the address is on the suppression list");
        }
        try {
            return new Loaded.Ready(mail(claimed, stored));
        } catch (SealBrokenException e) {
            return new Loaded.Fault("failed", String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // It would fail the same way each time; left due, it would come back for ever.
            LOG.errorf(e, "a stored mail cannot be built email=%s", claimed.emailId());
            return new Loaded.Fault("failed", "the mail cannot be built");
        }
    }

    private OutgoingMail mail(Claimed claimed, StoredMail stored) throws SQLException {
        UUID id = claimed.emailId();
        StoredMail.Addresses given = stored.addresses();
        OutgoingMail.Addresses addresses = new OutgoingMail.Addresses(
                MailAddress.parse(given.from()),
                addresses(given.to()),
                addresses(given.cc()),
                addresses(given.replyTo()));
        return new OutgoingMail(
                stored.recipient(),
                stored.messageId(),
                stored.createdAt(),
                claimed.expires(),
                addresses,
                content(id, stored),
                stored.hasAttachments() ? attachments(id) : List.of());
    }

    private OutgoingMail.Content content(UUID id, StoredMail stored) throws SQLException {
        Map<String, String> headers = stored.headers().equals("{}") ? Map.of() : read(stored.headers(), HEADERS);
        Kind kind = Kind.ofWireName(stored.kind());
        if (!kind.isSecret()) {
            StoredMail.Bodies bodies = stored.bodiesApart() ? bodies(id) : stored.bodies();
            return new OutgoingMail.Content(stored.subject(), bodies.html(), bodies.text(), headers);
        }
        StoredMail.Sealed sealed = stored.sealed();
        if (sealed == null) {
            throw SealBrokenException.erased();
        }
        SealedSecret secret = new SealedSecret(sealed.text(), sealed.dataKey(), sealed.wrappingKeyId());
        Rendered rendered = templates.render(kind, read(secret.open(id, keys.key()), VARIABLES));
        return new OutgoingMail.Content(stored.subject(), rendered.html(), rendered.text(), headers);
    }

    private StoredMail.Bodies bodies(UUID id) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-bodies */
                        select html, plain
                        from caretaker.email
                        where id = ?
                        """)) {
            statement.setQueryTimeout(2 * ClaimRepository.DEADLINE_SECONDS);
            statement.setObject(1, id);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new StoredMail.Bodies(row.getString("html"), row.getString("plain"));
            }
        }
    }

    private List<Attachment> attachments(UUID id) throws SQLException {
        List<Attachment> attachments = new ArrayList<>();
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                /* caretaker.email-attachments */
                select filename, content_type, content_id, content
                from caretaker.email_attachment
                where email_id = ?
                order by position
                """)) {
            statement.setQueryTimeout(2 * ClaimRepository.DEADLINE_SECONDS);
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

    private static List<MailAddress> addresses(List<String> texts) {
        return texts.stream().map(MailAddress::parse).toList();
    }

    private <T> T read(String text, TypeReference<T> type) {
        try {
            return json.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored mail holds no JSON object", e);
        }
    }
}
