package io.pgcaretaker.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The database roles of docs/operate.md: the owner migrates, and each service writes its own tables only. */
class RolesDbTest {

    private static final List<String> SERVICES =
            List.of("caretaker_cleanup", "caretaker_email", "caretaker_monitoring");

    private static TestDatabase database;

    @BeforeAll
    static void migrateAsTheOwner() {
        database = TestDatabase.create();
        database.execute("""
                create role caretaker_owner login password 'secret';
                create role caretaker_cleanup login password 'secret';
                create role caretaker_email login password 'secret';
                create role caretaker_monitoring login password 'secret' in role pg_monitor;
                grant caretaker_monitoring, caretaker_email to caretaker_owner;
                do $$ begin execute format('grant create on database %I to caretaker_owner', current_database()); end $$;
                """);
        Migrate.migrate(DatabaseUrl.parse(url("caretaker_owner")));
        Migrate.migrate(DatabaseUrl.parse(url("caretaker_owner")));
    }

    private static String url(String role) {
        return database.url().replace("postgres:postgres@", role + ":secret@");
    }

    @Test
    void everyTableHasExactlyOneWriter() throws SQLException {
        Map<String, String> writers = new TreeMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        select c.relname, coalesce(string_agg(r.rolname, ', ' order by r.rolname), 'nobody') as writers
                        from pg_class c
                        left join pg_roles r
                          on r.rolname like 'caretaker\\_%' and r.rolname <> 'caretaker_owner'
                            and has_table_privilege(r.oid, c.oid, 'insert')
                        where c.relnamespace = 'caretaker'::regnamespace
                          and c.relkind in ('r', 'p')
                          and c.relname <> 'flyway_schema_history'
                        group by c.relname
                        """)) {
            while (rows.next()) {
                writers.put(rows.getString("relname"), rows.getString("writers"));
            }
        }

        assertThat(writers).hasSizeGreaterThan(20);
        assertThat(writers.remove("cleanup_ledger_seal"))
                .as("a trigger with its owner's rights")
                .isEqualTo("nobody");
        assertThat(writers)
                .as("a new table belongs into a pattern of afterMigrate__grants.sql")
                .allSatisfy((table, role) -> assertThat(SERVICES).contains(role));
        assertThat(writers)
                .containsEntry("email_due", "caretaker_email")
                .containsEntry("legal_hold", "caretaker_cleanup")
                .containsEntry("incident", "caretaker_monitoring")
                .containsEntry("security_event_default", "caretaker_monitoring");
    }

    /** It stood in line for each partitioned table, though that belonged to its service already, and what was reported stood behind it. */
    @Test
    void aMigrationWithNothingToDoWaitsForNobody() throws Exception {
        try (Connection dump = database.connect();
                Statement table = dump.createStatement()) {
            dump.setAutoCommit(false);
            table.execute("lock table caretaker.security_event in access share mode");

            CompletableFuture.supplyAsync(() -> Migrate.migrate(DatabaseUrl.parse(url("caretaker_owner"))))
                    .get(120, TimeUnit.SECONDS);
        }
    }

    @Test
    void theLedgerIsAppendOnlyForWhoWritesIt() {
        assertThatThrownBy(() -> executeAs("caretaker_cleanup", "delete from caretaker.cleanup_ledger"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> executeAs("caretaker_cleanup", "delete from caretaker.cleanup_erasure"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() ->
                        executeAs("caretaker_cleanup", "alter table caretaker.cleanup_ledger disable trigger all"))
                .hasMessageContaining("must be owner");
    }

    @Test
    void whoEndsARunSealsItAndCanSealNothingElse() throws SQLException {
        executeAs(
                "caretaker_cleanup",
                "insert into caretaker.cleanup_run (policy, policy_hash, mode, trigger, slot, requested_by, state, ledger_seq,"
                        + " ledger_hash) values ('p', '', 'enforce', 'manual', now(), 'test', 'running', 1, repeat('a', 64));"
                        + " update caretaker.cleanup_run set finished_at = now()");

        assertThat(database.queryLong("select count(*) from caretaker.cleanup_ledger_seal"))
                .isEqualTo(1);
        assertThatThrownBy(() -> executeAs(
                        "caretaker_cleanup", "select caretaker.seal_cleanup_ledger(gen_random_uuid(), 1, 'a')"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> executeAs("caretaker_cleanup", "delete from caretaker.cleanup_ledger_seal"))
                .hasMessageContaining("permission denied");
    }

    @Test
    void nobodyReadsAnothersMail() {
        assertThatThrownBy(() -> executeAs("caretaker_monitoring", "select * from caretaker.email"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> executeAs("caretaker_cleanup", "select * from caretaker.email_key"))
                .hasMessageContaining("permission denied");
    }

    private static void executeAs(String role, String sql) throws SQLException {
        DatabaseUrl url = DatabaseUrl.parse(url(role));
        try (Connection connection = DriverManager.getConnection(url.jdbcUrl(), url.username(), url.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
