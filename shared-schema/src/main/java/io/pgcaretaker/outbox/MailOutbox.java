package io.pgcaretaker.outbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * The mails a service has decided on and email-service has not yet taken.
 *
 * <p>{@link #add} writes in the caller's transaction; {@link #handOver} repeats each until email-service answers, with
 * the same key, so that a lost answer, a kill -9 or a second replica makes no second mail. Nobody waits for SMTP.
 */
public final class MailOutbox {

    /** The two outboxes; each is a table with one writing service. */
    public enum Owner {
        CLEANUP("caretaker.cleanup_mail_intent"),
        MONITORING("caretaker.monitoring_mail_intent");

        private final String table;

        Owner(String table) {
            this.table = table;
        }
    }

    private static final Logger LOG = Logger.getLogger(MailOutbox.class);
    private static final TypeReference<Map<String, Object>> VARIABLES = new TypeReference<>() {};

    /** Longer than any hand-over may take (the client's own deadline), so that no two replicas hold the same row. */
    private static final Duration LEASE = Duration.ofSeconds(30);

    /** An alert that waited for email-service goes out soon after it is back. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private static final int STATEMENT_DEADLINE_SECONDS = 5;

    private final Owner owner;
    private final DataSource database;
    private final MailGateway gateway;
    private final ObjectMapper json;

    public MailOutbox(Owner owner, DataSource database, MailGateway gateway, ObjectMapper json) {
        this.owner = owner;
        this.database = database;
        this.gateway = gateway;
        this.json = json;
    }

    /**
     * Adds the mail in the transaction of {@code connection}; it goes out only if that commits.
     *
     * @return false when a mail with this key was added before, which is then left as it is
     */
    public boolean add(Connection connection, MailIntent intent) throws SQLException {
        String sql = """
                /* caretaker.outbox-add */
                insert into %s (idempotency_key, recipients, template, variables)
                values (?, ?, ?, ?::jsonb)
                on conflict (idempotency_key) do nothing
                """.formatted(owner.table);
        try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setString(1, intent.key());
            statement.setArray(2, connection.createArrayOf("text", intent.to().toArray()));
            statement.setString(3, intent.template());
            statement.setString(4, write(intent.variables()));
            return statement.executeUpdate() == 1;
        }
    }

    /** True when a mail with this key was added, and is not yet so old that it was cleaned up. */
    public boolean knows(Connection connection, String key) throws SQLException {
        String sql = """
                /* caretaker.outbox-knows */
                select exists (select 1 from %s where idempotency_key = ?)
                """.formatted(owner.table);
        try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setString(1, key);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }

    /**
     * Hands over what is due, oldest first, and stops at the first sign that email-service is not there.
     *
     * @return how many were taken
     */
    public int handOver(int limit) throws SQLException {
        int taken = 0;
        List<Claimed> all = claim(limit);
        for (int i = 0; i < all.size(); i++) {
            Claimed claimed = all.get(i);
            MailGateway.Outcome outcome = gateway.handOver(claimed.intent());
            record(claimed, outcome);
            if (outcome instanceof MailGateway.Outcome.Unavailable unavailable) {
                LOG.warnf(
                        "email-service does not take mail, will be repeated owner=%s template=%s attempt=%d reason=%s",
                        owner, claimed.intent().template(), claimed.attempt(), unavailable.reason());
                giveBack(all.subList(i + 1, all.size()));
                break;
            }
            if (outcome instanceof MailGateway.Outcome.Rejected rejected) {
                LOG.errorf(
                        "email-service refuses a mail for good owner=%s template=%s status=%d reason=%s",
                        owner, claimed.intent().template(), rejected.status(), rejected.reason());
            } else {
                taken++;
            }
        }
        return taken;
    }

    /**
     * Deletes what was handed over, or refused, longer ago than {@code keep}: at most {@code limit} mails.
     *
     * @return how many
     */
    public int tidy(Duration keep, int limit) throws SQLException {
        String sql = """
                /* caretaker.outbox-tidy */
                delete from %1$s
                where id in (
                  select id
                  from %1$s
                  where state <> 'waiting'
                    and handed_over_at < clock_timestamp() - ? * interval '1 second'
                  order by handed_over_at, id
                  limit ?)
                """.formatted(owner.table);
        try (Connection connection = database.getConnection();
                PreparedStatement statement = prepare(connection, sql)) {
            statement.setLong(1, keep.toSeconds());
            statement.setInt(2, limit);
            return statement.executeUpdate();
        }
    }

    private record Claimed(long id, int attempt, MailIntent intent) {}

    /**
     * One short transaction; the lease is the next attempt's time, so a crash after it only delays. Of one incident a mail
     * waits for those before it, or after an outage of email-service "firing" would come last.
     */
    private List<Claimed> claim(int limit) throws SQLException {
        String sql = """
                /* caretaker.outbox-claim */
                with due as materialized (
                  select w.id
                  from %1$s w
                  where w.state = 'waiting'
                    and w.next_attempt_at <= clock_timestamp()
                    and not exists (
                      select 1
                      from %1$s earlier
                      where earlier.state = 'waiting'
                        and earlier.id < w.id
                        and earlier.variables ->> 'incidentId' = w.variables ->> 'incidentId')
                  order by w.next_attempt_at, w.id
                  limit %2$d
                  for update of w skip locked
                )
                update %1$s m
                set attempt = m.attempt + 1,
                    next_attempt_at = clock_timestamp() + make_interval(secs => %3$d)
                from due
                where m.id = due.id
                returning m.id, m.attempt, m.idempotency_key, m.recipients, m.template, m.variables
                """.formatted(owner.table, limit, LEASE.toSeconds());
        List<Claimed> claimed = new ArrayList<>();
        try (Connection connection = database.getConnection();
                PreparedStatement statement = prepare(connection, sql);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                claimed.add(new Claimed(
                        rows.getLong("id"),
                        rows.getInt("attempt"),
                        new MailIntent(
                                rows.getString("idempotency_key"),
                                texts(rows.getArray("recipients")),
                                rows.getString("template"),
                                read(rows.getString("variables")))));
            }
        }
        claimed.sort(Comparator.comparingLong(Claimed::id));
        return claimed;
    }

    /** Claimed and not tried: due as before, and not when the lease is over. */
    private void giveBack(List<Claimed> untried) throws SQLException {
        String sql = """
                /* caretaker.outbox-give-back */
                update %s m
                set attempt = m.attempt - 1,
                    next_attempt_at = clock_timestamp()
                from unnest(?::bigint[], ?::integer[]) as u (id, attempt)
                where m.id = u.id
                  and m.attempt = u.attempt
                """.formatted(owner.table);
        try (Connection connection = database.getConnection();
                PreparedStatement statement = prepare(connection, sql)) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "bigint", untried.stream().map(Claimed::id).toArray()));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "integer", untried.stream().map(Claimed::attempt).toArray()));
            statement.executeUpdate();
        }
    }

    private void record(Claimed claimed, MailGateway.Outcome outcome) throws SQLException {
        // The attempt is the fencing token: who lost the lease changes nothing.
        String sql = """
                /* caretaker.outbox-record */
                update %s
                set state = ?,
                    email_id = ?::uuid,
                    last_error = ?,
                    next_attempt_at = clock_timestamp() + ? * interval '1 second',
                    handed_over_at = case when ? = 'waiting' then null else clock_timestamp() end
                where id = ?
                  and attempt = ?
                """.formatted(owner.table);
        String state = "waiting";
        String emailId = null;
        String error = null;
        if (outcome instanceof MailGateway.Outcome.Accepted accepted) {
            state = "accepted";
            emailId = accepted.emailId();
        } else if (outcome instanceof MailGateway.Outcome.Rejected rejected) {
            state = "rejected";
            error = rejected.status() + " " + rejected.reason();
        } else if (outcome instanceof MailGateway.Outcome.Unavailable unavailable) {
            error = unavailable.reason();
        }
        try (Connection connection = database.getConnection();
                PreparedStatement statement = prepare(connection, sql)) {
            statement.setString(1, state);
            statement.setString(2, emailId);
            statement.setString(3, error);
            statement.setLong(4, pause(claimed.attempt()).toSeconds());
            statement.setString(5, state);
            statement.setLong(6, claimed.id());
            statement.setInt(7, claimed.attempt());
            statement.executeUpdate();
        }
    }

    /** 1, 2, 4 … seconds, at most half a minute: email-service is a neighbour, not a stranger. */
    private static Duration pause(int attempt) {
        Duration doubled = Duration.ofSeconds(1L << Math.min(attempt - 1, 10));
        return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    private static PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.setQueryTimeout(STATEMENT_DEADLINE_SECONDS);
        return statement;
    }

    private static List<String> texts(Array array) throws SQLException {
        return Arrays.asList((String[]) array.getArray());
    }

    private String write(Map<String, Object> variables) {
        try {
            return json.writeValueAsString(variables);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("variables must be writable as JSON", e);
        }
    }

    private Map<String, Object> read(String variables) {
        try {
            return json.readValue(variables, VARIABLES);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored intent holds no JSON object", e);
        }
    }
}
