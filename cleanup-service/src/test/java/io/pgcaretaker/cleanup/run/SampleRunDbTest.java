package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.sample.SampleApplication;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The sample application: what goes is known before the run, and nothing else goes. */
class SampleRunDbTest {

    private static final Map<String, String> KEYS = Map.of(
            "users", "id",
            "password_reset_tokens", "id",
            "user_sessions", "sid",
            "user_api_keys", "id",
            "prompts", "id");

    private static final String GONE_USERS = "select id from users where is_deleted and deleted_at is not null"
            + " and deleted_at < (now() at time zone 'UTC') - interval '30 days'";

    private final TestDatabase database = TestDatabase.createMigrated();

    @BeforeEach
    void loadSample() throws Exception {
        try (Connection connection = database.connect()) {
            SampleApplication.load(connection);
        }
    }

    @Test
    void expiredUsersGoWithTheirDependentsAndNobodyElse() throws Exception {
        Map<String, SortedSet<String>> expected = survivors("user_id in (" + GONE_USERS + ")", "false", "false");
        TestWorker worker = new TestWorker(database, Map.of());

        UUID run = worker.runNow("soft-deleted-users");

        assertThat(all()).isEqualTo(expected);
        assertThat(state(run)).isEqualTo("completed done 1040");
    }

    @Test
    void theFirstTickRunsEveryPolicyAndLeavesNothingExpired() throws Exception {
        Map<String, SortedSet<String>> expected = survivors(
                "user_id in (" + GONE_USERS + ")",
                "expires_at < now() at time zone 'UTC'",
                "expire < now() at time zone 'UTC'");
        TestWorker worker = new TestWorker(database, Map.of());

        worker.worker.tick();

        assertThat(all()).isEqualTo(expected);
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_run where state = 'completed'"))
                .isEqualTo(3);
        assertThat(database.queryLong("select sum(rows_deleted) from caretaker.cleanup_run"))
                .isEqualTo(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"));
    }

    @Test
    void shadowModeDeletesNothingAndSaysWhatWould() throws Exception {
        Map<String, SortedSet<String>> before = all();
        TestWorker worker = new TestWorker(database, Map.of("mode", "shadow"));

        UUID run = worker.runNow("soft-deleted-users");

        assertThat(all()).isEqualTo(before);
        assertThat(state(run)).isEqualTo("completed done 1040");
        assertThat(database.queryLong("select (tables ->> 'public.users')::bigint from caretaker.cleanup_run"))
                .isEqualTo(1040);
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_ledger"))
                .isZero();
    }

    /** Ids by table of all rows but those that meet the conditions. */
    private Map<String, SortedSet<String>> survivors(String goneByUser, String goneTokens, String goneSessions)
            throws Exception {
        Map<String, SortedSet<String>> ids = new TreeMap<>();
        String owned = "user_id is null or not (" + goneByUser + ")";
        ids.put("users", ids("select id from users where id not in (" + GONE_USERS + ")"));
        ids.put(
                "password_reset_tokens",
                ids("select id from password_reset_tokens where (" + owned + ") and not (" + goneTokens + ")"));
        ids.put("user_sessions", ids("select sid from user_sessions where not (" + goneSessions + ")"));
        ids.put("user_api_keys", ids("select id from user_api_keys where " + owned));
        ids.put("prompts", ids("select id from prompts where " + owned));
        return ids;
    }

    private Map<String, SortedSet<String>> all() throws Exception {
        Map<String, SortedSet<String>> ids = new TreeMap<>();
        for (Map.Entry<String, String> table : KEYS.entrySet()) {
            ids.put(table.getKey(), ids("select " + table.getValue() + " from " + table.getKey()));
        }
        return ids;
    }

    private SortedSet<String> ids(String sql) throws Exception {
        SortedSet<String> ids = new TreeSet<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
        }
        return ids;
    }

    private String state(UUID run) throws Exception {
        return ids("select state || ' ' || stop_reason || ' ' || rows_matched from caretaker.cleanup_run where id = '"
                        + run + "'")
                .first();
    }
}
