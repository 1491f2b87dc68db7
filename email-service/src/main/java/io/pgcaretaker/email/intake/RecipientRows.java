package io.pgcaretaker.email.intake;

import io.pgcaretaker.email.address.MailAddress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The recipients of some mails as columns: each address of a mail once, whatever field names it again. */
final class RecipientRows {

    private final List<UUID> emailIds = new ArrayList<>();
    private final List<Integer> positions = new ArrayList<>();
    private final List<String> fields = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private final List<String> messageIds = new ArrayList<>();
    private final List<@Nullable String> times = new ArrayList<>();

    RecipientRows(List<NewEmail> emails) {
        emails.forEach(this::add);
    }

    private void add(NewEmail email) {
        Set<String> seen = new HashSet<>();
        add("to", email.envelope().to(), email, seen);
        add("cc", email.envelope().cc(), email, seen);
        add("bcc", email.envelope().bcc(), email, seen);
    }

    private void add(String field, List<MailAddress> more, NewEmail email, Set<String> seen) {
        String domain = Objects.requireNonNull(email.envelope().from()).domain();
        Instant scheduledAt = email.scheduledAt();
        for (MailAddress address : more) {
            int position = seen.size();
            if (seen.add(MailAddress.normalised(address.address()))) {
                emailIds.add(email.id());
                positions.add(position);
                fields.add(field);
                addresses.add(address.address());
                messageIds.add("<" + email.id() + "." + position + "@" + domain + ">");
                times.add(scheduledAt == null ? null : scheduledAt.toString());
            }
        }
    }

    /** Sets 6 parameters. */
    void set(Connection connection, PreparedStatement statement, int first) throws SQLException {
        int index = first;
        statement.setArray(index++, connection.createArrayOf("uuid", emailIds.toArray()));
        statement.setArray(index++, connection.createArrayOf("integer", positions.toArray()));
        statement.setArray(index++, connection.createArrayOf("text", fields.toArray()));
        statement.setArray(index++, connection.createArrayOf("text", addresses.toArray()));
        statement.setArray(index++, connection.createArrayOf("text", messageIds.toArray()));
        statement.setArray(index, connection.createArrayOf("timestamptz", times.toArray()));
    }
}
