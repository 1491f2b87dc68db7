package io.pgcaretaker.email.queue;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Reads the queue without disturbing it. */
@ApplicationScoped
class QueueViewRepository {

    private static final int DEADLINE_SECONDS = 5;

    private final DataSource database;

    QueueViewRepository(DataSource database) {
        this.database = database;
    }

    /**
     * A row that is leased counts as waiting since it was claimed: its due time lies in the future, but the worker
     * that holds it is at it now.
     */
    QueueState measure(Instant now) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-measure */
                        select
                          count(*) filter (where due_at <= now() or leased_by is not null) as waiting,
                          count(*) filter (where due_at > now() and leased_by is null) as scheduled,
                          (select count(*) from caretaker.email_unknown) as unknown,
                          coalesce(extract(epoch from now() - min(due_at) filter (where due_at <= now())), 0)::bigint
                            as oldest
                        from caretaker.email_due
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new QueueState(
                        row.getLong("waiting"),
                        row.getLong("scheduled"),
                        row.getLong("unknown"),
                        row.getLong("oldest"),
                        now);
            }
        }
    }

    /**
     * One recipient that waits, or whose outcome is not known.
     *
     * @param domain of its address: the queue is for operators, not for reading along
     */
    public record Waiting(
            long recipientId,
            UUID emailId,
            String kind,
            String domain,
            String state,
            int attempts,
            @Nullable Instant nextAttemptAt,
            @Nullable Integer lastCode,
            @Nullable String lastEnhanced,
            boolean inProgress) {}

    List<Waiting> waiting(int limit) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-queue */
                        (select r.id, r.email_id, e.kind, split_part(r.address, '@', 2) as domain, r.state, r.attempts,
                          d.due_at, r.last_code, r.last_enhanced, d.leased_by is not null as in_progress
                        from caretaker.email_due d
                        join caretaker.email_recipient r on r.id = d.recipient_id
                        join caretaker.email e on e.id = d.email_id
                        order by d.due_at, d.recipient_id
                        limit ?)
                        union all
                        (select r.id, r.email_id, e.kind, split_part(r.address, '@', 2), r.state, r.attempts,
                          null, r.last_code, r.last_enhanced, false
                        from caretaker.email_unknown u
                        join caretaker.email_recipient r on r.id = u.recipient_id
                        join caretaker.email e on e.id = r.email_id
                        where not exists (select from caretaker.email_due d where d.recipient_id = r.id)
                        order by r.id
                        limit ?)
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setInt(1, limit);
            statement.setInt(2, limit);
            List<Waiting> waiting = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    waiting.add(waiting(rows));
                }
            }
            return waiting;
        }
    }

    private static Waiting waiting(ResultSet row) throws SQLException {
        Timestamp due = row.getTimestamp("due_at");
        return new Waiting(
                row.getLong("id"),
                row.getObject("email_id", UUID.class),
                row.getString("kind"),
                row.getString("domain"),
                row.getString("state"),
                row.getInt("attempts"),
                due == null ? null : due.toInstant(),
                row.getObject("last_code", Integer.class),
                row.getString("last_enhanced"),
                row.getBoolean("in_progress"));
    }
}
