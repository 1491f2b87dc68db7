package io.pgcaretaker.email.delivery;

import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.database.IndexedTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Takes mails from the queue and gives them back. Each call is one statement and one transaction. */
@ApplicationScoped
class ClaimRepository {

    /** Enough to spread the cost of a claim, few enough to be done within a lease. */
    static final int BATCH = 32;

    static final int DEADLINE_SECONDS = 5;

    /** Bodies above this are read one by one: a batch of large mails does not fit into a small heap. */
    private static final int LARGE_BYTES = 32_768;

    /** The limit is a literal: with a parameter the generic plan scans the whole queue. */
    private static final String CLAIM = """
            /* caretaker.email-claim */
            with due as materialized (
              select recipient_id, started
              from caretaker.email_due
              where due_at <= now()
              order by due_at, recipient_id
              limit %d
              for update skip locked
            ), mine as (
              update caretaker.email_due d
              set due_at = now() + ? * interval '1 millisecond',
                  attempt = d.attempt + 1,
                  leased_by = ?,
                  started = due.started
                    or (select e.kind <> all (?::text[]) from caretaker.email e where e.id = d.email_id)
              from due
              where d.recipient_id = due.recipient_id
              returning d.recipient_id, d.email_id, d.attempt, due.started as outcome_unknown, d.started as begun,
                -- A place of long ago, before an outage, is none: all of that time would come at once.
                coalesce(d.paced_at > now() - interval '1 minute', false) as has_place
            )
            select mine.recipient_id, mine.email_id, mine.attempt, mine.outcome_unknown, mine.begun, mine.has_place,
              (extract(epoch from e.expires_at - now()) * 1000)::bigint as millis_left,
              e.created_at, e.kind, e.from_address, e.to_addresses, e.cc_addresses, e.reply_to, e.subject, e.headers,
              case when not large.apart then e.html end as html,
              case when not large.apart then e.plain end as plain,
              large.apart,
              exists (select from caretaker.email_attachment a where a.email_id = e.id) as has_attachments,
              coalesce((
                select sum(octet_length(a.content)) from caretaker.email_attachment a where a.email_id = e.id), 0)
                as attachment_bytes,
              s.address is not null as suppressed,
              r.address, r.message_id, r.attempts, r.state,
              c.sealed, c.data_key, c.wrapping_key_id
            from mine
            join caretaker.email_recipient r on r.id = mine.recipient_id
            join caretaker.email e on e.id = mine.email_id
            cross join lateral (
              select coalesce(octet_length(e.html), 0) + coalesce(octet_length(e.plain), 0) > %d as apart) large
            left join caretaker.suppression s on s.address = lower(r.address)
            left join caretaker.email_secret c on c.email_id = e.id
            """;

    private static final String CLAIM_BATCH = CLAIM.formatted(BATCH, LARGE_BYTES);
    private static final String CLAIM_ONE = CLAIM.formatted(1, LARGE_BYTES);

    private final DataSource database;
    private final String[] held;

    ClaimRepository(DataSource database, EmailConfig config) {
        this.database = database;
        this.held = new UnknownPolicy(config).held();
    }

    List<Claimed> claim(String worker, Duration lease, boolean onlyOne) throws SQLException {
        return IndexedTransaction.run(database, connection -> claim(connection, worker, lease, onlyOne));
    }

    private List<Claimed> claim(Connection connection, String worker, Duration lease, boolean onlyOne)
            throws SQLException {
        List<Claimed> claimed = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(onlyOne ? CLAIM_ONE : CLAIM_BATCH)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setLong(1, lease.toMillis());
            statement.setString(2, worker);
            statement.setArray(3, connection.createArrayOf("text", held));
            long now = System.nanoTime();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    claimed.add(claimed(rows, now, lease));
                }
            }
        }
        claimed.sort(Comparator.comparingLong(Claimed::recipientId));
        return claimed;
    }

    private static Claimed claimed(ResultSet row, long now, Duration lease) throws SQLException {
        return new Claimed(
                row.getLong("recipient_id"),
                row.getObject("email_id", UUID.class),
                row.getInt("attempt"),
                row.getBoolean("outcome_unknown"),
                row.getBoolean("begun"),
                row.getBoolean("has_place"),
                now + lease.toNanos(),
                now + Duration.ofMillis(row.getLong("millis_left")).toNanos(),
                StoredMails.read(row));
    }

    /**
     * From here on a crash leaves the outcome unknown.
     *
     * @return false when the lease was lost
     */
    boolean begin(Claimed claimed) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-begin */
                        update caretaker.email_due
                        set started = true
                        where recipient_id = ?
                          and attempt = ?
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setLong(1, claimed.recipientId());
            statement.setInt(2, claimed.attempt());
            return statement.executeUpdate() == 1;
        }
    }

    /** A day when nothing waits. */
    Duration untilNextDue() throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-next-due */
                        select coalesce(extract(epoch from min(due_at) - now()) * 1000, 86400000)::bigint
                        from caretaker.email_due
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Duration.ofMillis(Math.max(0, row.getLong(1)));
            }
        }
    }

    /** Gives back what has to wait for its place at a rate; as nothing was said, it uses no attempt. */
    void pace(List<Pacing.Paced> paced) throws SQLException {
        if (paced.isEmpty()) {
            return;
        }
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-pace */
                        update caretaker.email_due d
                        set due_at = least(mine.at, greatest(e.expires_at, now())),
                            paced_at = mine.at,
                            paced_by = mine.by,
                            leased_by = null,
                            started = mine.outcome_unknown
                        from (
                          select g.recipient_id, g.attempt, g.outcome_unknown, g.by,
                            now() + g.pause_micros * interval '1 microsecond' as at
                          from unnest(?::bigint[], ?::integer[], ?::boolean[], ?::text[], ?::bigint[])
                            as g (recipient_id, attempt, outcome_unknown, by, pause_micros)) mine,
                          caretaker.email e
                        where d.recipient_id = mine.recipient_id
                          and d.attempt = mine.attempt
                          and e.id = d.email_id
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            set(connection, statement, 1, "bigint", paced, one -> one.claimed().recipientId());
            set(connection, statement, 2, "integer", paced, one -> one.claimed().attempt());
            set(connection, statement, 3, "boolean", paced, one -> one.claimed().outcomeUnknown());
            set(connection, statement, 4, "text", paced, Pacing.Paced::by);
            set(connection, statement, 5, "bigint", paced, one -> one.pause().toNanos() / 1_000);
            statement.executeUpdate();
        }
    }

    private static <T> void set(
            Connection connection,
            PreparedStatement statement,
            int index,
            String type,
            List<T> rows,
            Function<T, Object> value)
            throws SQLException {
        statement.setArray(
                index, connection.createArrayOf(type, rows.stream().map(value).toArray()));
    }

    /** Gives back what was not sent, as if it had never been claimed; but not before the pause is over. */
    void release(List<Claimed> claimed, Duration pause) throws SQLException {
        release(claimed, pause, null);
    }

    /** Gives back mail to a domain whose server keeps others of its mails waiting. */
    void releaseJammed(List<Claimed> claimed, Duration pause) throws SQLException {
        release(claimed, pause, "busy");
    }

    private void release(List<Claimed> claimed, Duration pause, @Nullable String why) throws SQLException {
        if (claimed.isEmpty()) {
            return;
        }
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-release */
                        update caretaker.email_due d
                        set due_at = now() + ? * interval '1 millisecond',
                            leased_by = null,
                            paced_by = coalesce(?, d.paced_by),
                            started = mine.outcome_unknown
                        from unnest(?::bigint[], ?::integer[], ?::boolean[])
                          as mine (recipient_id, attempt, outcome_unknown)
                        where d.recipient_id = mine.recipient_id
                          and d.attempt = mine.attempt
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setLong(1, pause.toMillis());
            statement.setString(2, why);
            set(connection, statement, 3, "bigint", claimed, Claimed::recipientId);
            set(connection, statement, 4, "integer", claimed, Claimed::attempt);
            set(connection, statement, 5, "boolean", claimed, Claimed::outcomeUnknown);
            statement.executeUpdate();
        }
    }
}
