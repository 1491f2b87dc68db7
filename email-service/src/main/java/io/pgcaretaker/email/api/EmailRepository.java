package io.pgcaretaker.email.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Reads mails with where their recipients stand. */
@ApplicationScoped
class EmailRepository {

    private static final int DEADLINE_SECONDS = 5;
    private static final TypeReference<List<EmailView.TagView>> TAGS = new TypeReference<>() {};

    private static final String COLUMNS = """
            id, created_at, from_address, to_addresses, cc_addresses, bcc_addresses, reply_to, subject,
              tags, scheduled_at, expires_at
            """;

    private static final String ONE = """
            /* caretaker.email-read */
            select html, plain, %s
            from caretaker.email
            where id = ?
            """.formatted(COLUMNS);

    private static final String NEWEST = page("true", "desc");
    private static final String AFTER = page("id < ?", "desc");
    private static final String BEFORE = page("id > ?", "asc");

    private final DataSource database;
    private final RecipientRepository recipients;
    private final ObjectMapper json;
    private final Clock clock;

    EmailRepository(DataSource database, RecipientRepository recipients, ObjectMapper json, Clock clock) {
        this.database = database;
        this.recipients = recipients;
        this.json = json;
        this.clock = clock;
    }

    /** Ids are in the order of acceptance, so they are the cursor. No bodies: a page of large ones would fill the heap. */
    private static String page(String condition, String order) {
        return """
                /* caretaker.email-list */
                select null as html, null as plain, %s
                from caretaker.email
                where %s
                order by id %s
                limit ?
                """.formatted(COLUMNS, condition, order);
    }

    Optional<EmailView> find(UUID id) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(ONE)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setObject(1, id);
            return read(connection, statement).stream().findFirst();
        }
    }

    /** Newest first; one more than asked for tells whether there are more. */
    List<EmailView> list(int limit, @Nullable UUID after, @Nullable UUID before) throws SQLException {
        String sql = after != null ? AFTER : before != null ? BEFORE : NEWEST;
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            int index = 1;
            if (after != null || before != null) {
                statement.setObject(index++, after != null ? after : before);
            }
            statement.setInt(index, limit);
            return read(connection, statement);
        }
    }

    private List<EmailView> read(Connection connection, PreparedStatement statement) throws SQLException {
        List<EmailView> views = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                views.add(view(rows));
            }
        }
        Map<UUID, List<EmailView.RecipientView>> found =
                recipients.of(connection, views.stream().map(EmailView::id).toList());
        Instant now = clock.instant();
        views.replaceAll(view -> withRecipients(view, found.getOrDefault(view.id(), List.of()), now));
        return views;
    }

    private EmailView view(ResultSet row) throws SQLException {
        return new EmailView(
                "email",
                row.getObject("id", UUID.class),
                "",
                row.getString("from_address"),
                texts(row, "to_addresses"),
                emptyToNull(texts(row, "cc_addresses")),
                emptyToNull(texts(row, "bcc_addresses")),
                emptyToNull(texts(row, "reply_to")),
                row.getString("subject"),
                row.getString("html"),
                row.getString("plain"),
                row.getTimestamp("created_at").toInstant(),
                instant(row, "scheduled_at"),
                "",
                tags(row.getString("tags")),
                row.getTimestamp("expires_at").toInstant(),
                List.of());
    }

    private static EmailView withRecipients(EmailView view, List<EmailView.RecipientView> recipients, Instant now) {
        return new EmailView(
                view.object(),
                view.id(),
                recipients.isEmpty() ? "" : recipients.get(0).messageId(),
                view.from(),
                view.to(),
                view.cc(),
                view.bcc(),
                view.replyTo(),
                view.subject(),
                view.html(),
                view.text(),
                view.createdAt(),
                view.scheduledAt(),
                LastEventPolicy.lastEvent(recipients, view.scheduledAt(), now),
                view.tags(),
                view.expiresAt(),
                recipients);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    private static List<String> texts(ResultSet row, String column) throws SQLException {
        return Arrays.asList((String[]) row.getArray(column).getArray());
    }

    private static @Nullable List<String> emptyToNull(List<String> texts) {
        return texts.isEmpty() ? null : texts;
    }

    private List<EmailView.TagView> tags(String text) {
        try {
            return json.readValue(text, TAGS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored mail holds no list of tags", e);
        }
    }
}
