package io.pgcaretaker.email.api;

import io.pgcaretaker.email.delivery.DeliverySchedule;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Where the recipients of some mails stand. */
@ApplicationScoped
class RecipientRepository {

    private static final int DEADLINE_SECONDS = 5;

    private final DeliverySchedule delivery;
    private final Clock clock;

    RecipientRepository(DeliverySchedule delivery, Clock clock) {
        this.delivery = delivery;
        this.clock = clock;
    }

    Map<UUID, List<EmailView.RecipientView>> of(Connection connection, List<UUID> ids) throws SQLException {
        Map<UUID, List<EmailView.RecipientView>> recipients = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                /* caretaker.email-recipients */
                select r.email_id, r.id, r.field, r.address, r.message_id, r.state, r.attempts, r.updated_at,
                  case when d.leased_by is null then coalesce(d.due_at, r.next_attempt_at) else r.next_attempt_at end
                    as next_attempt_at,
                  d.paced_by, r.last_code, r.last_enhanced, r.last_reply, d.leased_by is not null and d.due_at > now() as in_progress,
                  d.leased_by is not null and d.due_at <= now() as abandoned,
                  coalesce(e.scheduled_at > now(), false) as scheduled
                from caretaker.email_recipient r
                join caretaker.email e on e.id = r.email_id
                left join caretaker.email_due d on d.recipient_id = r.id
                where r.email_id = any (?)
                order by r.email_id, r.position
                """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setArray(1, connection.createArrayOf("uuid", ids.toArray()));
            Instant now = clock.instant();
            String transport = delivery.transportState();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    recipients
                            .computeIfAbsent(rows.getObject("email_id", UUID.class), id -> new ArrayList<>())
                            .add(recipient(rows, transport, now));
                }
            }
        }
        return recipients;
    }

    private static EmailView.RecipientView recipient(ResultSet row, String transport, Instant now) throws SQLException {
        Timestamp next = row.getTimestamp("next_attempt_at");
        Instant nextAttemptAt = next == null ? null : next.toInstant();
        String state = row.getString("state");
        return new EmailView.RecipientView(
                row.getLong("id"),
                row.getString("field"),
                row.getString("address"),
                row.getString("message_id"),
                state,
                row.getInt("attempts"),
                row.getTimestamp("updated_at").toInstant(),
                nextAttemptAt,
                WaitPolicy.waitsFor(
                        new WaitPolicy.Place(
                                state,
                                row.getBoolean("in_progress"),
                                row.getBoolean("abandoned"),
                                row.getBoolean("scheduled"),
                                nextAttemptAt,
                                row.getString("paced_by")),
                        transport,
                        now),
                row.getObject("last_code", Integer.class),
                row.getString("last_enhanced"),
                row.getString("last_reply"));
    }
}
