package io.pgcaretaker.email.webhook;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The outbox of webhooks. Each call is one transaction, and none is open while a receiver is spoken to. */
@ApplicationScoped
class WebhookRepository {

    static final int BATCH = 32;

    private static final int DEADLINE_SECONDS = 5;

    /** The limit is a literal, as at the queue of mails. */
    private static final String CLAIM = """
            /* caretaker.webhook-claim */
            with due as materialized (
              select id
              from caretaker.webhook_event
              where endpoint = ?
                and due_at <= now()
              order by due_at, id
              limit %d
              for update skip locked
            ), mine as (
              update caretaker.webhook_event w
              set due_at = now() + ? * interval '1 millisecond',
                  attempt = w.attempt + 1
              from due
              where w.id = due.id
              returning w.*
            )
            select mine.id, mine.message_id, mine.type, mine.attempt, mine.occurred_at, mine.reply,
              e.id as email_id, e.created_at, e.from_address, e.subject, e.tags,
              r.address, r.message_id as mail_message_id
            from mine
            join caretaker.email e on e.id = mine.email_id
            join caretaker.email_recipient r on r.id = mine.recipient_id
            order by mine.id
            """;

    /** Of what is told again, or forgotten, at once. */
    static final int AGAIN = 10_000;

    private static final String CLAIM_BATCH = CLAIM.formatted(BATCH);
    private static final String CLAIM_ONE = CLAIM.formatted(1);

    private final DataSource database;

    WebhookRepository(DataSource database) {
        this.database = database;
    }

    /** Makes the receivers those of the configuration: others are told no more, and {@link #forget} removes them. */
    void keep(List<WebhookEndpoint> endpoints) throws SQLException {
        add(endpoints);
        change("""
                /* caretaker.webhook-quiet */
                update caretaker.webhook_endpoint
                set events = '{}'
                where name <> all (?)
                  and events <> '{}'
                """, endpoints);
    }

    /**
     * Forgets receivers that are in the configuration no more with what they were to be told; a batch of it, since of one that
     * was away for weeks there is more than a statement may take. True when all of it is gone.
     */
    boolean forget(List<WebhookEndpoint> endpoints) throws SQLException {
        int events = change("""
                /* caretaker.webhook-forget-events */
                delete from caretaker.webhook_event
                where id in (
                  select id
                  from caretaker.webhook_event
                  where endpoint in (select name from caretaker.webhook_endpoint where name <> all (?))
                  limit %d)
                """.formatted(AGAIN), endpoints);
        if (events == AGAIN) {
            return false;
        }
        change("""
                /* caretaker.webhook-forget */
                delete from caretaker.webhook_endpoint
                where name <> all (?)
                """, endpoints);
        return true;
    }

    private int change(String sql, List<WebhookEndpoint> endpoints) throws SQLException {
        Object[] names = endpoints.stream().map(WebhookEndpoint::name).toArray();
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setArray(1, connection.createArrayOf("text", names));
            return statement.executeUpdate();
        }
    }

    private void add(List<WebhookEndpoint> endpoints) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement keep = connection.prepareStatement("""
                        /* caretaker.webhook-keep */
                        insert into caretaker.webhook_endpoint (name, events)
                        values (?, ?)
                        on conflict (name) do update
                        set events = excluded.events
                        """)) {
            keep.setQueryTimeout(DEADLINE_SECONDS);
            for (WebhookEndpoint endpoint : endpoints) {
                keep.setString(1, endpoint.name());
                keep.setArray(
                        2, connection.createArrayOf("text", endpoint.events().toArray()));
                keep.executeUpdate();
            }
        }
    }

    List<WebhookEvent> claim(String endpoint, Duration lease, boolean onlyOne) throws SQLException {
        List<WebhookEvent> events = new ArrayList<>();
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(onlyOne ? CLAIM_ONE : CLAIM_BATCH)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setString(1, endpoint);
            statement.setLong(2, lease.toMillis());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    events.add(event(rows));
                }
            }
        }
        return events;
    }

    private static WebhookEvent event(ResultSet row) throws SQLException {
        return new WebhookEvent(
                row.getLong("id"),
                row.getObject("message_id", UUID.class),
                row.getString("type"),
                row.getInt("attempt"),
                row.getTimestamp("occurred_at").toInstant(),
                new WebhookEvent.Mail(
                        row.getObject("email_id", UUID.class),
                        row.getString("mail_message_id"),
                        row.getTimestamp("created_at").toInstant(),
                        row.getString("from_address"),
                        row.getString("address"),
                        row.getString("subject"),
                        row.getString("tags")),
                row.getString("reply"));
    }

    /** What was taken goes; the rest waits for its next time, or is given up. Each repeats its fencing token. */
    void write(List<WebhookEvent.Told> told, WebhookRetryPolicy retries) throws SQLException {
        List<WebhookEvent.Told> taken = new ArrayList<>();
        List<WebhookEvent.Told> open = new ArrayList<>();
        for (WebhookEvent.Told one : told) {
            (one.result().kind() == WebhookEvent.Result.Kind.DELIVERED ? taken : open).add(one);
        }
        try (Connection connection = database.getConnection()) {
            delete(connection, taken);
            postpone(connection, open, retries);
        }
    }

    private static void delete(Connection connection, List<WebhookEvent.Told> taken) throws SQLException {
        if (taken.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                /* caretaker.webhook-taken */
                delete from caretaker.webhook_event
                where id = any (?)
                """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            // Whoever holds the lease by now: it was taken, and another attempt would only repeat it.
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "bigint",
                            taken.stream().map(one -> one.event().id()).toArray()));
            statement.executeUpdate();
        }
    }

    private static void postpone(Connection connection, List<WebhookEvent.Told> open, WebhookRetryPolicy retries)
            throws SQLException {
        if (open.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                /* caretaker.webhook-postpone */
                update caretaker.webhook_event
                set due_at = now() + ? * interval '1 millisecond',
                    last_error = ?
                where id = ?
                  and attempt = ?
                """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            for (WebhookEvent.Told one : open) {
                Long millis = retries.pauseAfter(one.event().attempt())
                        .map(Duration::toMillis)
                        .orElse(null);
                statement.setObject(1, millis, java.sql.Types.BIGINT);
                statement.setString(2, one.result().detail());
                statement.setLong(3, one.event().id());
                statement.setInt(4, one.event().attempt());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /**
     * How a receiver stands.
     *
     * @param waiting to be told, leased ones too
     * @param givenUp told eight times and never taken
     * @param lastError of the one that was tried last among those that wait or were given up
     */
    record Standing(
            String name,
            long waiting,
            long givenUp,
            @Nullable Instant oldest,
            @Nullable Instant nextAttemptAt,
            @Nullable String lastError) {}

    List<Standing> standings() throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.webhook-standings */
                        select w.name,
                          count(e.due_at) as waiting,
                          count(e.id) - count(e.due_at) as given_up,
                          min(e.occurred_at) as oldest,
                          min(e.due_at) as next_attempt_at,
                          (
                            select l.last_error
                            from caretaker.webhook_event l
                            where l.endpoint = w.name
                              and l.last_error is not null
                            order by l.id desc
                            limit 1) as last_error
                        from caretaker.webhook_endpoint w
                        left join caretaker.webhook_event e on e.endpoint = w.name
                        group by w.name
                        order by w.name
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            List<Standing> standings = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    standings.add(new Standing(
                            row.getString("name"),
                            row.getLong("waiting"),
                            row.getLong("given_up"),
                            instant(row.getTimestamp("oldest")),
                            instant(row.getTimestamp("next_attempt_at")),
                            row.getString("last_error")));
                }
            }
            return standings;
        }
    }

    private static @Nullable Instant instant(@Nullable Timestamp at) {
        return at == null ? null : Objects.requireNonNull(at).toInstant();
    }

    boolean isKnown(String endpoint) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.webhook-known */
                        select 1
                        from caretaker.webhook_endpoint
                        where name = ?
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setString(1, endpoint);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /**
     * Makes all that waits or was given up due now, with its attempts counted anew. In batches: a receiver that was away for
     * weeks has missed more than a statement may take. Who repeats one that was broken off goes on with the rest.
     */
    int tellAgain(String endpoint) throws SQLException {
        int all = 0;
        long last = 0;
        Again batch;
        do {
            batch = tellAgain(endpoint, last);
            all += batch.messages();
            last = batch.last();
        } while (batch.messages() == AGAIN);
        return all;
    }

    /** A batch of what is told again, and where it ended. */
    private record Again(int messages, long last) {}

    private Again tellAgain(String endpoint, long after) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.webhook-tell-again */
                        with again as materialized (
                          select id
                          from caretaker.webhook_event
                          where endpoint = ?
                            and id > ?
                            and (due_at is null or (due_at > now() and last_error is not null))
                          order by id
                          limit %d
                          for update
                        ), told as (
                          update caretaker.webhook_event e
                          set due_at = now(),
                              attempt = case when e.due_at is null then 0 else e.attempt end
                          from again
                          where e.id = again.id
                        )
                        select count(*), coalesce(max(id), 0)
                        from again
                        """.formatted(AGAIN))) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setString(1, endpoint);
            statement.setLong(2, after);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Again(row.getInt(1), row.getLong(2));
            }
        }
    }

    /** A day when nothing waits. */
    Duration untilNextDue(String endpoint) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.webhook-next-due */
                        select coalesce(extract(epoch from min(due_at) - now()) * 1000, 86400000)::bigint
                        from caretaker.webhook_event
                        where endpoint = ?
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setString(1, endpoint);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Duration.ofMillis(Math.max(0, row.getLong(1)));
            }
        }
    }
}
