package io.pgcaretaker.email.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.address.MailAddress;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Mails as columns: one statement writes any number of them. */
final class MailRows {

    private final Connection connection;
    private final List<NewEmail> emails;
    private final ObjectMapper json;

    MailRows(Connection connection, List<NewEmail> emails, ObjectMapper json) {
        this.connection = connection;
        this.emails = emails;
        this.json = json;
    }

    /** Sets 15 parameters and returns the next index. */
    int set(PreparedStatement statement, int first) throws SQLException {
        int index = first;
        statement.setArray(index++, column("uuid", NewEmail::id));
        statement.setArray(index++, column("text", NewEmail::caller));
        statement.setArray(index++, column("text", email -> email.kind().wireName()));
        statement.setArray(
                index++,
                column(
                        "text",
                        email -> Objects.requireNonNull(email.envelope().from()).display()));
        statement.setArray(index++, lists(email -> email.envelope().to()));
        statement.setArray(index++, lists(email -> email.envelope().cc()));
        statement.setArray(index++, lists(email -> email.envelope().bcc()));
        statement.setArray(index++, lists(email -> email.envelope().replyTo()));
        statement.setArray(index++, column("text", email -> email.body().subject()));
        statement.setArray(index++, column("text", email -> email.body().html()));
        statement.setArray(index++, column("text", email -> email.body().text()));
        statement.setArray(index++, column("text", email -> asJson(email.body().headers())));
        statement.setArray(index++, column("text", email -> asJson(email.tags())));
        statement.setArray(index++, column("timestamptz", email -> text(email.scheduledAt())));
        statement.setArray(index++, column("timestamptz", email -> text(email.expiresAt())));
        return index;
    }

    private Array column(String type, Function<NewEmail, @Nullable Object> value) throws SQLException {
        return connection.createArrayOf(type, emails.stream().map(value).toArray());
    }

    /** A list of lists must be as long in every row; so each goes as the text of an array. */
    private Array lists(Function<NewEmail, List<MailAddress>> value) throws SQLException {
        List<String> literals = new ArrayList<>();
        for (NewEmail email : emails) {
            Object[] addresses =
                    value.apply(email).stream().map(MailAddress::display).toArray();
            literals.add(connection.createArrayOf("text", addresses).toString());
        }
        return connection.createArrayOf("text", literals.toArray());
    }

    private static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }

    private String asJson(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("strings can be written as JSON", e);
        }
    }
}
