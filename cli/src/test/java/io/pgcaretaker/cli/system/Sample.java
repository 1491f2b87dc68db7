package io.pgcaretaker.cli.system;

import io.pgcaretaker.cli.up.LocalCaretaker;
import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.sample.SampleApplication;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which rows of the sample application must still be there after each policy has run once: read from a second copy of
 * it, by rules written here and not by the service's own.
 */
final class Sample {

    private static final String NOW = "(now() at time zone 'UTC')";

    private static final String GONE_USER =
            "(u.is_deleted and u.deleted_at is not null and u.deleted_at < " + NOW + " - interval '30 days')";

    /** What names a row in both copies, whose generated ids differ. */
    private static final Map<String, String> ROWS = Map.of(
            "users", "select u.username || '/' || u.is_deleted from users u",
            "password_reset_tokens",
                    "select u.username || '/' || t.used from password_reset_tokens t join users u on u.id = t.user_id",
            "user_sessions", "select s.sid from user_sessions s",
            "user_api_keys", "select u.username || '/' || k.name from user_api_keys k join users u on u.id = k.user_id",
            "prompts",
                    "select coalesce(u.username, 'nobody') || '/' || p.title from prompts p left join users u on u.id = p.user_id");

    private static final Map<String, String> KEPT = Map.of(
            "users", " where not " + GONE_USER,
            "password_reset_tokens",
                    " where not " + GONE_USER + " and t.expires_at >= " + NOW + " and not (t.used and t.created_at < "
                            + NOW + " - interval '7 days')",
            "user_sessions", " where s.expire >= " + NOW,
            "user_api_keys", " where not " + GONE_USER,
            "prompts",
                    " where case when u.id is null then p.created_at >= " + NOW + " - interval '90 days' else not "
                            + GONE_USER + " end");

    private Sample() {}

    /** By table, the rows that must be left, and nothing else. */
    static Map<String, Set<String>> expected(LocalCaretaker up) throws SQLException {
        try (Connection connection = up.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create database second_copy");
        }
        DatabaseUrl url = DatabaseUrl.parse(up.state().databaseUrl());
        String second = url.jdbcUrl().replaceFirst("/[^/?]+(\\?|$)", "/second_copy$1");
        try (Connection connection = DriverManager.getConnection(second, url.username(), url.password())) {
            SampleApplication.load(connection);
            return rows(connection, KEPT);
        }
    }

    /** By table, the rows that are there. */
    static Map<String, Set<String>> present(LocalCaretaker up) throws SQLException {
        try (Connection connection = up.connect()) {
            return rows(connection, Map.of());
        }
    }

    private static Map<String, Set<String>> rows(Connection connection, Map<String, String> conditions)
            throws SQLException {
        Map<String, Set<String>> tables = new TreeMap<>();
        for (Map.Entry<String, String> table : ROWS.entrySet()) {
            Set<String> rows = new TreeSet<>();
            try (Statement statement = connection.createStatement();
                    ResultSet result =
                            statement.executeQuery(table.getValue() + conditions.getOrDefault(table.getKey(), ""))) {
                while (result.next()) {
                    rows.add(result.getString(1));
                }
            }
            tables.put(table.getKey(), rows);
        }
        return tables;
    }
}
