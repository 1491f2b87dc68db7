package io.pgcaretaker.email.digest;

import io.pgcaretaker.email.template.DigestMail;
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
import java.util.UUID;
import javax.sql.DataSource;

/** What digests tell of. */
@ApplicationScoped
class DigestRepository {

    /** More than anybody reads in a mail. */
    static final int SHOWN = 100;

    private static final int DEADLINE_SECONDS = 5;

    /** Figures of a week may take a while; without them the digest goes all the same. */
    private static final int COUNTING_SECONDS = 20;

    private final DataSource database;

    DigestRepository(DataSource database) {
        this.database = database;
    }

    /** A digest that is decided on: its id makes it one mail, however often it is handed in. */
    record Batch(UUID id, String address) {}

    /** Decides on digests for whom a mail has waited long enough, and returns all that are not handed in yet. */
    List<Batch> batches(Duration wait) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement decide = connection.prepareStatement("""
                        /* caretaker.digest-decide */
                        with ready as materialized (
                          select address, gen_random_uuid() as batch
                          from caretaker.digest_entry
                          where batch is null
                          group by address
                          having min(added_at) <= now() - ? * interval '1 millisecond'
                        )
                        update caretaker.digest_entry d
                        set batch = ready.batch
                        from ready
                        where d.address = ready.address
                          and d.batch is null
                        """);
                PreparedStatement list = connection.prepareStatement("""
                        /* caretaker.digest-batches */
                        select batch, min(address) as address
                        from caretaker.digest_entry
                        where batch is not null
                        group by batch
                        order by batch
                        limit 1000
                        """)) {
            decide.setQueryTimeout(DEADLINE_SECONDS);
            list.setQueryTimeout(DEADLINE_SECONDS);
            decide.setLong(1, wait.toMillis());
            decide.executeUpdate();
            List<Batch> batches = new ArrayList<>();
            try (ResultSet rows = list.executeQuery()) {
                while (rows.next()) {
                    batches.add(new Batch(rows.getObject("batch", UUID.class), rows.getString("address")));
                }
            }
            return batches;
        }
    }

    /** What happened, oldest first; with one more than {@link #SHOWN} rows there is no end to it. */
    record Alerts(List<DigestMail.Line> lines, int more) {}

    Alerts of(Batch batch) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.digest-entries */
                        select happened_at as at, subject, 'digested' as state, count(*) over () as all_rows
                        from caretaker.digest_entry
                        where batch = ?
                        order by happened_at, id
                        limit 100
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setObject(1, batch.id());
            return alerts(statement);
        }
    }

    Alerts of(String address, Instant from, Instant to) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.digest-alerts */
                        select e.created_at as at, e.subject, r.state, count(*) over () as all_rows
                        from caretaker.email e
                        join caretaker.email_recipient r on r.email_id = e.id
                        where e.created_at >= ?
                          and e.created_at < ?
                          and e.kind in ('alert', 'incident')
                          and lower(r.address) = ?
                        order by e.created_at, e.id
                        limit 100
                        """)) {
            statement.setQueryTimeout(COUNTING_SECONDS);
            statement.setTimestamp(1, Timestamp.from(from));
            statement.setTimestamp(2, Timestamp.from(to));
            statement.setString(3, address);
            return alerts(statement);
        }
    }

    private static Alerts alerts(PreparedStatement statement) throws SQLException {
        List<DigestMail.Line> lines = new ArrayList<>();
        int all = 0;
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                lines.add(new DigestMail.Line(
                        rows.getTimestamp("at").toInstant(), rows.getString("subject"), rows.getString("state")));
                all = rows.getInt("all_rows");
            }
        }
        return new Alerts(lines, all - lines.size());
    }

    DigestMail.Figures figures(Instant from, Instant to) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.digest-figures */
                        select
                          count(*) filter (where r.state = 'sent') as sent,
                          count(*) filter (where r.state = 'failed') as failed,
                          count(*) filter (where r.state = 'suppressed') as suppressed,
                          count(*) filter (where r.state = 'expired') as expired,
                          count(*) filter (where r.state in ('queued', 'delayed', 'unknown')) as waiting
                        from caretaker.email e
                        join caretaker.email_recipient r on r.email_id = e.id
                        where e.created_at >= ?
                          and e.created_at < ?
                        """)) {
            statement.setQueryTimeout(COUNTING_SECONDS);
            statement.setTimestamp(1, Timestamp.from(from));
            statement.setTimestamp(2, Timestamp.from(to));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new DigestMail.Figures(
                        row.getLong("sent"),
                        row.getLong("failed"),
                        row.getLong("suppressed"),
                        row.getLong("expired"),
                        row.getLong("waiting"));
            }
        }
    }

    void forget(Batch batch) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.digest-forget */
                        delete from caretaker.digest_entry
                        where batch = ?
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setObject(1, batch.id());
            statement.executeUpdate();
        }
    }
}
