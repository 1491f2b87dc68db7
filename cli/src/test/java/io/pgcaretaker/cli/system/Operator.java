package io.pgcaretaker.cli.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cli.up.LocalCaretaker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What an operator does and sees: REST with this machine's key, and a look into the database. */
final class Operator {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final LocalCaretaker up;
    private final Database database;
    private @Nullable Connection session;

    /** Opens a session. */
    @FunctionalInterface
    interface Database {
        Connection connect() throws SQLException;
    }

    /** On the database that `up` has made. */
    Operator(LocalCaretaker up) {
        this(up, up::connect);
    }

    Operator(LocalCaretaker up, Database database) {
        this.up = up;
        this.database = database;
    }

    /** Adds users that were deleted long ago, each with a prompt. */
    void addExpiredUsers(String prefix, int count) throws SQLException {
        execute("""
                with gone as (
                  insert into users (email, username, password_hash, is_deleted, deleted_at)
                  select '%1$s' || n || '@example.com', '%1$s' || n, 'x', true,
                    (now() at time zone 'UTC') - interval '40 days'
                  from generate_series(1, %2$d) as n
                  returning id
                )
                insert into prompts (user_id, title, body)
                select id, '%1$s', 'text'
                from gone
                """.formatted(prefix, count));
    }

    /** Starts a run and answers its id; empty when a run of the policy is not over yet. */
    Optional<String> run(String policy) {
        try {
            HttpResponse<String> answer = up.post(
                    up.state().cleanup() + "/api/cleanup/policies/" + policy + "/runs",
                    "",
                    "Idempotency-Key",
                    UUID.randomUUID().toString());
            if (answer.statusCode() == 409) {
                return Optional.empty();
            }
            if (answer.statusCode() != 202) {
                throw new IllegalStateException(answer.statusCode() + " " + answer.body());
            }
            return Optional.of(JSON.readTree(answer.body()).path("id").asText());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode read(String url) {
        try {
            return JSON.readTree(up.get(url).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The status of the public health answer, 0 when there is none. */
    int health() {
        try {
            return up.get(up.state().monitoring() + "/api/monitoring/health").statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    long count(String sql) {
        String answer = text(sql);
        return answer.isEmpty() ? 0 : Long.parseLong(answer);
    }

    /** The first column of the first row, as tests ask for it again and again: over one session while it lasts. */
    synchronized String text(String sql) {
        try {
            return ask(sql);
        } catch (SQLException first) {
            try {
                session = null;
                return ask(sql);
            } catch (SQLException e) {
                e.addSuppressed(first);
                throw new IllegalStateException(sql, e);
            }
        }
    }

    private String ask(String sql) throws SQLException {
        if (session == null) {
            session = database.connect();
        }
        try (Statement statement = session.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            String answer = rows.next() ? rows.getString(1) : null;
            return answer == null ? "" : answer;
        }
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
