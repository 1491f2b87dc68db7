package io.pgcaretaker.email.api;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.UUID;
import javax.sql.DataSource;

/** Touches only rows that nobody holds and that were never begun: the fencing of the queue stays whole. */
@ApplicationScoped
class ReschedulingRepository {

    private static final int DEADLINE_SECONDS = 5;

    /** What a change came to. */
    enum Outcome {
        DONE,
        NO_SUCH_MAIL,
        TOO_LATE
    }

    private final DataSource database;

    ReschedulingRepository(DataSource database) {
        this.database = database;
    }

    /** Only a mail that was scheduled and has not been claimed yet; its expiry moves with it, but not a link's end. */
    Outcome reschedule(UUID id, Instant at) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-reschedule */
                        with mail as (
                          select id, scheduled_at
                          from caretaker.email
                          where id = ?
                        ), moved as (
                          update caretaker.email_due d
                          set due_at = ?::timestamptz
                          from mail
                          where d.email_id = mail.id
                            and mail.scheduled_at is not null
                            and d.attempt = 0
                          returning d.recipient_id
                        ), noted as (
                          update caretaker.email_recipient r
                          set next_attempt_at = ?::timestamptz,
                              updated_at = clock_timestamp()
                          from moved
                          where r.id = moved.recipient_id
                        ), changed as (
                          update caretaker.email e
                          set scheduled_at = ?::timestamptz,
                              expires_at = case e.kind
                                when 'password-reset' then e.expires_at
                                else ?::timestamptz + (e.expires_at - e.scheduled_at)
                              end
                          from mail
                          where e.id = mail.id
                            and exists (select from moved)
                        )
                        select (select count(*) from mail) as mails, (select count(*) from moved) as changed
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setObject(1, id);
            for (int i = 2; i <= 5; i++) {
                statement.setTimestamp(i, Timestamp.from(at));
            }
            return outcome(statement);
        }
    }

    /** Every recipient that is not in a worker's hands and was never begun. */
    Outcome cancel(UUID id) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-cancel */
                        with mail as (
                          select id
                          from caretaker.email
                          where id = ?
                        ), gone as (
                          delete from caretaker.email_due d
                          using mail
                          where d.email_id = mail.id
                            and d.leased_by is null
                            and not d.started
                          returning d.recipient_id, d.email_id, d.attempt
                        ), told as (
                          insert into caretaker.email_attempt (email_id, recipient_id, attempt, outcome)
                          select email_id, recipient_id, attempt, 'canceled'
                          from gone
                        ), ended as (
                          update caretaker.email_recipient r
                          set state = 'canceled',
                              next_attempt_at = null,
                              updated_at = clock_timestamp()
                          from gone
                          where r.id = gone.recipient_id
                            and r.state <> 'unknown'
                        )
                        select (select count(*) from mail) as mails, (select count(*) from gone) as changed
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setObject(1, id);
            return outcome(statement);
        }
    }

    private static Outcome outcome(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            if (row.getInt("mails") == 0) {
                return Outcome.NO_SUCH_MAIL;
            }
            return row.getInt("changed") == 0 ? Outcome.TOO_LATE : Outcome.DONE;
        }
    }
}
