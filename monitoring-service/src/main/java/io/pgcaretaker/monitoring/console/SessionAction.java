package io.pgcaretaker.monitoring.console;

import io.pgcaretaker.monitoring.Transaction;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;

/** Cancels a query or ends a session, and keeps who did it to whom. */
@Singleton
class SessionAction {

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /** What. */
    enum Action {
        CANCEL("cancel", "pg_cancel_backend"),
        TERMINATE("terminate", "pg_terminate_backend");

        private final String word;
        private final String function;

        Action(String word, String function) {
            this.word = word;
            this.function = function;
        }
    }

    /** How it ended; the same word in the record. */
    enum Outcome {
        SENT("sent"),
        /** No such session, or it is another by now: process numbers are used again. */
        GONE("gone"),
        /** One of Caretaker's own: they have deadlines, and ending them helps nobody. */
        OWN("own-session"),
        REFUSED("refused");

        private final String word;

        Outcome(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    private final DataSource database;
    private final Clock clock;

    SessionAction(DataSource database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Who it is now, as far as the record needs it. */
    private record Session(String target, boolean own, Instant startedAt) {}

    /**
     * The record is committed before anything is done, so that nobody is ended without a trace.
     *
     * @param startedAt when the session began, as the console showed it: a process number alone may be somebody else's
     */
    Outcome run(Action action, int pid, Instant startedAt, String by) throws SQLException {
        Session session = Transaction.run(database, "session-find", connection -> find(connection, pid))
                .orElse(null);
        if (session == null || !isSame(session.startedAt(), startedAt)) {
            return Outcome.GONE;
        }
        if (session.own()) {
            return Outcome.OWN;
        }
        UUID record = Transaction.run(
                database, "session-action", connection -> write(connection, action, pid, session.target(), by));
        Outcome outcome = send(action, pid, startedAt);
        Transaction.run(database, "session-action-end", connection -> end(connection, record, outcome));
        return outcome;
    }

    private static boolean isSame(Instant one, Instant other) {
        return one.truncatedTo(ChronoUnit.MILLIS).equals(other.truncatedTo(ChronoUnit.MILLIS));
    }

    private static Optional<Session> find(Connection connection, int pid) throws SQLException {
        String sql = """
                /* caretaker.session-find */
                select coalesce(datname, '') || ' ' || coalesce(usename, '') || ' ' || coalesce(application_name, '') as target,
                  coalesce(application_name, '') like 'caretaker-%' as own,
                  backend_start
                from pg_stat_activity
                where pid = ?
                  and backend_type = 'client backend'
                  and backend_start is not null
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, pid);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                return Optional.of(new Session(
                        rows.getString("target"),
                        rows.getBoolean("own"),
                        rows.getObject("backend_start", OffsetDateTime.class).toInstant()));
            }
        }
    }

    private UUID write(Connection connection, Action action, int pid, String target, String by) throws SQLException {
        String sql = """
                /* caretaker.session-action */
                insert into caretaker.operator_action (id, at, done_by, action, pid, target, outcome)
                values (?, ?, ?, ?, ?, ?, 'begun')
                """;
        UUID id = UUID.randomUUID();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, id);
            statement.setObject(2, clock.instant().atOffset(ZoneOffset.UTC));
            statement.setString(3, by);
            statement.setString(4, action.word);
            statement.setInt(5, pid);
            statement.setString(6, target);
            statement.executeUpdate();
        }
        return id;
    }

    /** The function is a constant of ours; the session is looked at once more in the statement that ends it. */
    private Outcome send(Action action, int pid, Instant startedAt) throws SQLException {
        String sql = """
                /* caretaker.session-%s */
                select %s(pid)
                from pg_stat_activity
                where pid = ?
                  and date_trunc('milliseconds', backend_start) = ?
                """.formatted(action.word, action.function);
        try {
            return Transaction.run(database, "session-" + action.word, connection -> {
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    statement.setInt(1, pid);
                    statement.setObject(
                            2, startedAt.truncatedTo(ChronoUnit.MILLIS).atOffset(ZoneOffset.UTC));
                    try (ResultSet rows = statement.executeQuery()) {
                        return rows.next() && rows.getBoolean(1) ? Outcome.SENT : Outcome.GONE;
                    }
                }
            });
        } catch (SQLException e) {
            if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                return Outcome.REFUSED;
            }
            throw e;
        }
    }

    private static Outcome end(Connection connection, UUID record, Outcome outcome) throws SQLException {
        String sql = """
                /* caretaker.session-action-end */
                update caretaker.operator_action
                set outcome = ?
                where id = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, outcome.word());
            statement.setObject(2, record);
            statement.executeUpdate();
        }
        return outcome;
    }
}
