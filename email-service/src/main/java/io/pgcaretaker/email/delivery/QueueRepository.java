package io.pgcaretaker.email.delivery;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/** The hot table: claim, give back, and end. Each call is one statement and one transaction. */
@ApplicationScoped
class QueueRepository {

    /** Enough to keep the claim's share of the work small, few enough to be done within a lease. */
    static final int BATCH = 20;

    static final int DEADLINE_SECONDS = 5;

    /** The limit is a literal: with a parameter the generic plan scans the whole queue. */
    private static final String CLAIM = """
            /* caretaker.email-claim */
            with due as materialized (
              select recipient_id
              from caretaker.email_due
              where due_at <= now()
              order by due_at, recipient_id
              limit %d
              for update skip locked
            )
            update caretaker.email_due d
            set due_at = now() + ? * interval '1 millisecond',
                attempt = d.attempt + 1,
                leased_by = ?
            from due
            where d.recipient_id = due.recipient_id
            returning d.recipient_id, d.email_id, d.attempt, d.started
            """;

    private static final String CLAIM_BATCH = CLAIM.formatted(BATCH);
    private static final String CLAIM_ONE = CLAIM.formatted(1);

    private final DataSource database;

    QueueRepository(DataSource database) {
        this.database = database;
    }

    List<Claimed> claim(String worker, Duration lease, boolean onlyOne) throws SQLException {
        List<Claimed> claimed = new ArrayList<>();
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(onlyOne ? CLAIM_ONE : CLAIM_BATCH)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setLong(1, lease.toMillis());
            statement.setString(2, worker);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    claimed.add(new Claimed(
                            rows.getLong("recipient_id"),
                            rows.getObject("email_id", UUID.class),
                            rows.getInt("attempt"),
                            rows.getBoolean("started")));
                }
            }
        }
        return claimed;
    }

    /** Gives back what was not begun, as if it had never been claimed; but not before the pause is over. */
    void release(List<Claimed> claimed, Duration pause) throws SQLException {
        if (claimed.isEmpty()) {
            return;
        }
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-release */
                        update caretaker.email_due d
                        set due_at = now() + ? * interval '1 millisecond',
                            leased_by = null
                        from unnest(?::bigint[], ?::integer[]) as mine (recipient_id, attempt)
                        where d.recipient_id = mine.recipient_id
                          and d.attempt = mine.attempt
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setLong(1, pause.toMillis());
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "bigint", claimed.stream().map(Claimed::recipientId).toArray()));
            statement.setArray(
                    3,
                    connection.createArrayOf(
                            "integer", claimed.stream().map(Claimed::attempt).toArray()));
            statement.executeUpdate();
        }
    }

    /**
     * The recipient is at its end: one line for the ledger, and nothing is due any more.
     *
     * @return false when the lease was lost, and nothing was written
     */
    boolean end(Claimed claimed, Ending ending) throws SQLException {
        String sql = """
                /* caretaker.email-end */
                with gone as (
                  delete from caretaker.email_due
                  where recipient_id = ?
                    and attempt = ?
                  returning recipient_id, email_id, attempt
                ), told as (
                  insert into caretaker.email_attempt (
                    email_id, recipient_id, attempt, outcome, stage, code, enhanced, reply, duration_ms)
                  select email_id, recipient_id, attempt, ?, ?, ?, ?, ?, ?
                  from gone
                ), ended as (
                  update caretaker.email_recipient r
                  set state = ?,
                      attempts = r.attempts + ?,
                      updated_at = clock_timestamp(),
                      next_attempt_at = null,
                      last_code = ?,
                      last_enhanced = ?,
                      last_reply = ?
                  from gone
                  where r.id = gone.recipient_id
                  returning r.email_id, r.address
                ), suppressed as (
                  insert into caretaker.suppression (address, reason, email_id)
                  select lower(address), ?, email_id
                  from ended
                  where ?
                  on conflict (address) do nothing
                ), erased as (
                  delete from caretaker.email_secret s
                  using gone
                  where s.email_id = gone.email_id
                    and not exists (
                      select
                      from caretaker.email_due d
                      where d.email_id = gone.email_id
                        and d.recipient_id <> gone.recipient_id)
                )
                select count(*)
                from gone
                """;
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setLong(1, claimed.recipientId());
            statement.setInt(2, claimed.attempt());
            int next = AttemptLine.set(statement, 3, ending.line());
            statement.setString(next, ending.state());
            statement.setInt(next + 1, ending.usesAttempt() ? 1 : 0);
            AttemptLine.setReply(statement, next + 2, ending.line().reply());
            statement.setString(
                    next + 5,
                    ending.line().reply() == null ? "" : ending.line().reply().text());
            statement.setBoolean(next + 6, ending.suppress());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getInt(1) == 1;
            }
        }
    }

    /** How a recipient ends. */
    record Ending(String state, AttemptLine line, boolean usesAttempt, boolean suppress) {}

    /**
     * Not now: the row waits, at most until the mail expires, which is then noticed at once.
     *
     * @return false when the lease was lost, and nothing was written
     */
    boolean postpone(Claimed claimed, Postponement postponement) throws SQLException {
        String sql = """
                /* caretaker.email-postpone */
                with waiting as (
                  update caretaker.email_due d
                  set due_at = least(now() + ? * interval '1 millisecond', greatest(e.expires_at, now())),
                      leased_by = null,
                      started = false
                  from caretaker.email e
                  where d.recipient_id = ?
                    and d.attempt = ?
                    and e.id = d.email_id
                  returning d.recipient_id, d.email_id, d.attempt, d.due_at
                ), told as (
                  insert into caretaker.email_attempt (
                    email_id, recipient_id, attempt, outcome, stage, code, enhanced, reply, duration_ms)
                  select email_id, recipient_id, attempt, ?, ?, ?, ?, ?, ?
                  from waiting
                ), changed as (
                  update caretaker.email_recipient r
                  set state = coalesce(?, r.state),
                      attempts = r.attempts + ?,
                      updated_at = clock_timestamp(),
                      next_attempt_at = waiting.due_at,
                      last_code = ?,
                      last_enhanced = ?,
                      last_reply = ?
                  from waiting
                  where r.id = waiting.recipient_id
                )
                select count(*)
                from waiting
                """;
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setLong(1, postponement.pause().toMillis());
            statement.setLong(2, claimed.recipientId());
            statement.setInt(3, claimed.attempt());
            int next = AttemptLine.set(statement, 4, postponement.line());
            statement.setString(next, postponement.state());
            statement.setInt(next + 1, postponement.usesAttempt() ? 1 : 0);
            AttemptLine.setReply(statement, next + 2, postponement.line().reply());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getInt(1) == 1;
            }
        }
    }

    /** A line for the ledger while the mail goes on. */
    void note(Claimed claimed, AttemptLine line) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-note */
                        insert into caretaker.email_attempt (
                          email_id, recipient_id, attempt, outcome, stage, code, enhanced, reply, duration_ms)
                        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setObject(1, claimed.emailId());
            statement.setLong(2, claimed.recipientId());
            statement.setInt(3, claimed.attempt() - 1);
            AttemptLine.set(statement, 4, line);
            statement.executeUpdate();
        }
    }

    /**
     * How a recipient goes on waiting.
     *
     * @param state absent when it stays as it is
     */
    record Postponement(
            Duration pause,
            @org.jspecify.annotations.Nullable String state,
            AttemptLine line,
            boolean usesAttempt) {}
}
