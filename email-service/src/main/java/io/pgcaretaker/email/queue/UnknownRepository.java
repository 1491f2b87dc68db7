package io.pgcaretaker.email.queue;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;

/** An operator's word on a recipient that is held as unknown. */
@ApplicationScoped
class UnknownRepository {

    private static final int DEADLINE_SECONDS = 5;

    private final DataSource database;

    UnknownRepository(DataSource database) {
        this.database = database;
    }

    /** The attempt goes on counting where it stood, so that an old claim stays fenced off. */
    boolean resend(long recipientId) throws SQLException {
        return change(recipientId, """
                /* caretaker.email-unknown-resend */
                with chosen as (
                  update caretaker.email_recipient r
                  set state = 'queued',
                      next_attempt_at = clock_timestamp(),
                      updated_at = clock_timestamp()
                  where r.id = ?
                    and r.state = 'unknown'
                    and not exists (select from caretaker.email_due d where d.recipient_id = r.id)
                  returning r.id, r.email_id
                )
                insert into caretaker.email_due (recipient_id, email_id, due_at, attempt)
                select c.id, c.email_id, now(),
                  (select coalesce(max(a.attempt), 0) from caretaker.email_attempt a where a.email_id = c.email_id)
                from chosen c
                """);
    }

    boolean settle(long recipientId) throws SQLException {
        return change(recipientId, """
                /* caretaker.email-unknown-settle */
                with chosen as (
                  update caretaker.email_recipient r
                  set state = 'sent',
                      updated_at = clock_timestamp()
                  where r.id = ?
                    and r.state = 'unknown'
                    and not exists (select from caretaker.email_due d where d.recipient_id = r.id)
                  returning r.id, r.email_id, r.attempts
                )
                insert into caretaker.email_attempt (email_id, recipient_id, attempt, outcome, reply)
                select email_id, id, attempts, 'sent', 'taken as sent by an operator'
                from chosen
                """);
    }

    private boolean change(long recipientId, String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setLong(1, recipientId);
            return statement.executeUpdate() == 1;
        }
    }
}
