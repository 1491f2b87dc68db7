package io.pgcaretaker.cleanup;

import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The keys of the sample application's rows, by table: those that are there, and those that must stay. */
public final class SampleRows {

    private static final Map<String, String> KEYS = Map.of(
            "users", "id",
            "password_reset_tokens", "id",
            "user_sessions", "sid",
            "user_api_keys", "id",
            "prompts", "id");

    private static final String GONE_USERS = "select id from users where is_deleted and deleted_at is not null"
            + " and deleted_at < (now() at time zone 'UTC') - interval '30 days'";

    private SampleRows() {}

    public static Map<String, SortedSet<String>> all(TestDatabase database) throws SQLException {
        Map<String, SortedSet<String>> ids = new TreeMap<>();
        for (Map.Entry<String, String> table : KEYS.entrySet()) {
            ids.put(table.getKey(), texts(database, "select " + table.getValue() + " from " + table.getKey()));
        }
        return ids;
    }

    /** What stays after the users' policy, and when {@code others} after all the others that are shipped. */
    public static Map<String, SortedSet<String>> survivors(TestDatabase database, boolean others) throws SQLException {
        String goneTokens = others
                ? "(expires_at < now() at time zone 'UTC'"
                        + " or used and created_at < (now() at time zone 'UTC') - interval '7 days')"
                : "false";
        String gonePrompts =
                others ? "(user_id is null and created_at < (now() at time zone 'UTC') - interval '90 days')" : "false";
        String goneSessions = others ? "expire < now() at time zone 'UTC'" : "false";
        String owned = "(user_id is null or user_id not in (" + GONE_USERS + "))";
        Map<String, SortedSet<String>> ids = new TreeMap<>();
        ids.put("users", texts(database, "select id from users where id not in (" + GONE_USERS + ")"));
        ids.put(
                "password_reset_tokens",
                texts(
                        database,
                        "select id from password_reset_tokens where " + owned + " and not (" + goneTokens + ")"));
        ids.put("user_sessions", texts(database, "select sid from user_sessions where not (" + goneSessions + ")"));
        ids.put("user_api_keys", texts(database, "select id from user_api_keys where " + owned));
        ids.put("prompts", texts(database, "select id from prompts where " + owned + " and not " + gonePrompts));
        return ids;
    }

    public static SortedSet<String> texts(TestDatabase database, String sql) throws SQLException {
        SortedSet<String> texts = new TreeSet<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }
}
