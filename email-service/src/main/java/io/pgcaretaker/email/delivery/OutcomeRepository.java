package io.pgcaretaker.email.delivery;

import io.pgcaretaker.email.database.IndexedTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Writes down how attempts ended: any number of them in one statement and one transaction. */
@ApplicationScoped
class OutcomeRepository {

    /**
     * Each row repeats its fencing token; who lost the lease writes nothing. What goes on waiting does so at most until the
     * mail expires, which is then noticed at once.
     */
    private static final String WRITE = """
            /* caretaker.email-outcome */
            with given as materialized (
              select *
              from unnest(
                  ?::bigint[], ?::integer[], ?::text[], ?::text[], ?::integer[], ?::text[], ?::text[], ?::bigint[],
                  ?::text[], ?::bigint[], ?::integer[], ?::boolean[], ?::text[])
                as g (
                  recipient_id, attempt, outcome, stage, code, enhanced, reply, duration_ms,
                  state, pause_ms, uses, suppress, transport)
            ), gone as (
              delete from caretaker.email_due d
              using given g
              where d.recipient_id = g.recipient_id
                and d.attempt = g.attempt
                and g.pause_ms is null
              returning d.recipient_id, d.email_id
            ), waiting as (
              update caretaker.email_due d
              set due_at = least(now() + g.pause_ms * interval '1 millisecond', greatest(e.expires_at, now())),
                  leased_by = null,
                  started = false,
                  paced_at = null,
                  paced_by = null
              from given g, caretaker.email e
              where d.recipient_id = g.recipient_id
                and d.attempt = g.attempt
                and g.pause_ms is not null
                and e.id = d.email_id
              returning d.recipient_id, d.email_id, d.due_at
            ), done as (
              select recipient_id, email_id, null::timestamptz as due_at
              from gone
              union all
              select recipient_id, email_id, due_at
              from waiting
            ), told as (
              insert into caretaker.email_attempt (
                email_id, recipient_id, attempt, outcome, stage, code, enhanced, reply, duration_ms, transport)
              select done.email_id, g.recipient_id, g.attempt, g.outcome, g.stage, g.code, g.enhanced, g.reply,
                g.duration_ms, g.transport
              from done
              join given g using (recipient_id)
            ), changed as (
              update caretaker.email_recipient r
              set state = coalesce(g.state, r.state),
                  attempts = r.attempts + g.uses,
                  updated_at = clock_timestamp(),
                  next_attempt_at = done.due_at,
                  -- What the server said last is why it expired.
                  last_code = case when g.state = 'expired' then r.last_code else g.code end,
                  last_enhanced = case when g.state = 'expired' then r.last_enhanced else g.enhanced end,
                  last_reply = case when g.state = 'expired' then coalesce(r.last_reply, g.reply) else g.reply end
              from done
              join given g using (recipient_id)
              where r.id = done.recipient_id
              returning r.email_id, r.address, g.reply, g.suppress
            ), suppressed as (
              insert into caretaker.suppression (address, reason, email_id)
              select distinct on (lower(address)) lower(address), coalesce(reply, ''), email_id
              from changed
              where suppress
              order by lower(address)
              on conflict (address) do nothing
            ), erased as (
              delete from caretaker.email_secret s
              using gone
              where s.email_id = gone.email_id
                and not exists (
                  select
                  from caretaker.email_due d
                  where d.email_id = gone.email_id
                    and d.recipient_id not in (select recipient_id from gone))
                -- An operator may still have it sent; until it expires.
                and not exists (
                  select
                  from caretaker.email_recipient r
                  left join given g on g.recipient_id = r.id
                  where r.email_id = gone.email_id
                    and coalesce(g.state, r.state) = 'unknown')
            )
            select recipient_id
            from done
            """;

    private final DataSource database;

    OutcomeRepository(DataSource database) {
        this.database = database;
    }

    /** Returns the recipients that were ours to write. */
    Set<Long> write(List<Finish> all) throws SQLException {
        return IndexedTransaction.run(database, connection -> write(connection, all));
    }

    private static Set<Long> write(Connection connection, List<Finish> all) throws SQLException {
        Set<Long> written = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(WRITE)) {
            statement.setQueryTimeout(ClaimRepository.DEADLINE_SECONDS);
            Columns columns = new Columns(connection, statement, all);
            columns.set("bigint", finish -> finish.claimed().recipientId());
            columns.set("integer", finish -> finish.claimed().attempt());
            columns.set("text", finish -> finish.line().outcome());
            columns.set("text", finish -> finish.line().stageName());
            columns.set("integer", finish -> finish.line().code());
            columns.set("text", finish -> finish.line().enhanced());
            columns.set("text", finish -> finish.line().text());
            columns.set("bigint", finish -> millis(finish.line().duration()));
            columns.set("text", Finish::state);
            columns.set("bigint", finish -> millis(finish.pause()));
            columns.set("integer", finish -> finish.usesAttempt() ? 1 : 0);
            columns.set("boolean", Finish::suppress);
            columns.set("text", finish -> finish.line().transport());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    written.add(rows.getLong(1));
                }
            }
        }
        return written;
    }

    private static @Nullable Long millis(@Nullable Duration duration) {
        return duration == null ? null : duration.toMillis();
    }

    /** Arrays, one a parameter. */
    private static final class Columns {
        private final Connection connection;
        private final PreparedStatement statement;
        private final List<Finish> all;
        private int next = 1;

        Columns(Connection connection, PreparedStatement statement, List<Finish> all) {
            this.connection = connection;
            this.statement = statement;
            this.all = all;
        }

        void set(String type, Function<Finish, @Nullable Object> value) throws SQLException {
            statement.setArray(
                    next++,
                    connection.createArrayOf(type, all.stream().map(value).toArray()));
        }
    }

    /** A line for the ledger about an earlier attempt, while the mail goes on. */
    void note(Claimed claimed, AttemptLine line) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-note */
                        insert into caretaker.email_attempt (email_id, recipient_id, attempt, outcome, reply)
                        values (?, ?, ?, ?, ?)
                        """)) {
            statement.setQueryTimeout(ClaimRepository.DEADLINE_SECONDS);
            statement.setObject(1, claimed.emailId());
            statement.setLong(2, claimed.recipientId());
            statement.setInt(3, claimed.attempt() - 1);
            statement.setString(4, line.outcome());
            statement.setString(5, line.text());
            statement.executeUpdate();
        }
    }
}
