package io.pgcaretaker.cleanup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.SampleRows;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.plan.Preflight;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.run.TestWorker;
import io.pgcaretaker.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An account with projects and their pages, all of them soft-deleted; what comes back is what went with the account. */
class RestoreGraphDbTest {

    private static final String POLICY = """
            policies:
              - name: accounts
                table: accounts
                age: { column: deleted_at, means: event, zone: UTC }
                retention: P30D
                every: PT24H
                restore: [ { column: deleted_at, to: null } ]
                restore-dependents:
                  - { table: projects, column: removed_at, set: [ { column: removed_at, to: null } ] }
                  - table: public.pages
                    column: removed_at
                    within: PT0S
                    set: [ { column: removed_at, to: null }, { column: visible, to: true } ]
                limits: { max-rows: 100000, max-fraction: 1 }
            """;

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.createMigrated();

    /** Of account 1: projects 1 and 2 went with it, the one 3 seconds before; 3 went an hour before, 4 lives. */
    @BeforeEach
    void makeAccounts() {
        database.execute("""
                create table accounts (id int primary key, deleted_at timestamp);
                create index on accounts (deleted_at, id);
                create table projects (id int primary key, account int references accounts on delete cascade,
                  slug text, removed_at timestamptz);
                create index on projects (account);
                create unique index on projects (slug) where removed_at is null;
                create table pages (id int primary key, project int references projects on delete cascade,
                  visible boolean, removed_at timestamp);
                create index on pages (project);
                insert into accounts select n, date_trunc('second', now() at time zone 'UTC') - interval '9 days'
                  from generate_series(1, 2) as n;
                insert into projects select n, 1, 'slug ' || n, (array[
                    date_trunc('second', now()) - interval '9 days',
                    date_trunc('second', now()) - interval '9 days 3 seconds',
                    date_trunc('second', now()) - interval '9 days 1 hour', null])[n]
                  from generate_series(1, 4) as n;
                insert into projects values (5, 2, 'other', date_trunc('second', now()) - interval '9 days');
                insert into pages select n, n, false,
                  date_trunc('second', now() at time zone 'UTC') - interval '9 days' from generate_series(1, 5) as n;
                insert into pages values (6, 1, false,
                  date_trunc('second', now() at time zone 'UTC') - interval '9 days 1 millisecond')
                """);
    }

    private TestWorker worker(String policy) throws Exception {
        Path file = folder.resolve("policies.yaml");
        Files.writeString(file, policy);
        return new TestWorker(database, Map.of("policies-file", file.toString()));
    }

    private RestoreOutcome restore(boolean rehearsal) throws Exception {
        TestWorker worker = worker(POLICY);
        Preflight preflight = new Preflight(worker.transactions, new CatalogueRepository());
        RetentionPolicy policy = worker.policies.find("accounts").orElseThrow();
        return new Restore(worker.transactions, preflight)
                .restore(new Restore.Wanted(
                        policy,
                        preflight.table(policy).orElseThrow(),
                        new RowKey(List.of("id"), List.of("1")),
                        null,
                        rehearsal));
    }

    private String living() throws Exception {
        return String.join(
                " ",
                SampleRows.texts(
                        database,
                        "select 'a' || id from accounts where deleted_at is null"
                                + " union all select 'p' || id from projects where removed_at is null"
                                + " union all select 'q' || id from pages where removed_at is null and visible"));
    }

    @Test
    void whatWentWithTheRowComesBackWithItAndNothingElse() throws Exception {
        RestoreOutcome outcome = restore(false);

        assertThat(outcome)
                .isEqualTo(new RestoreOutcome.Restored(
                        Map.of("public.accounts", 1L, "public.projects", 2L, "public.pages", 4L)));
        assertThat(living()).as("page 6 went before, 3 and 5 stay").isEqualTo("a1 p1 p2 p4 q1 q2 q3 q4");
    }

    @Test
    void aRehearsalSaysWhatWouldComeBackAndKeepsNothing() throws Exception {
        assertThat(restore(true))
                .isEqualTo(new RestoreOutcome.Restored(
                        Map.of("public.accounts", 1L, "public.projects", 2L, "public.pages", 4L)));
        assertThat(living()).isEqualTo("p4");
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void whenOneOfThemIsTakenNothingComesBack(boolean rehearsal) throws Exception {
        database.execute("insert into projects values (9, null, 'slug 2', null)");

        assertThat(restore(rehearsal)).isEqualTo(new RestoreOutcome.Taken("projects: slug"));
        assertThat(living()).isEqualTo("p4 p9");
    }

    @Test
    void whileSomebodyHasOneOfThemNothingComesBack() throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("update projects set slug = slug where id = 1");

            assertThat(restore(false)).isEqualTo(new RestoreOutcome.Busy());
        }
        assertThat(living()).isEqualTo("p4");
    }

    /** The application goes from the project to its account, the restore the other way: PostgreSQL ends the one that waited first. */
    @Test
    void aDeadlockWithTheApplicationIsOursToLoseAndMayBeTriedAgain() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("update projects set slug = slug where id = 1");
            Future<RestoreOutcome> restored = threads.submit(() -> restore(false));
            Awaitility.await()
                    .until(() ->
                            database.queryLong("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                                            + " and datname = current_database()")
                                    == 1);
            statement.execute("update accounts set deleted_at = deleted_at where id = 1");

            assertThat(restored.get()).isEqualTo(new RestoreOutcome.Busy());
        } finally {
            threads.shutdownNow();
        }
        assertThat(living()).isEqualTo("p4");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            table: projects | table: accounts   | no row goes with a row
            removed_at, set | gone_at, set      | column 'gone_at' of restore-dependents is not in public.projects
            """)
    void whatCannotBeRestoredBlocksThePolicy(String part, String instead, String sentence) throws Exception {
        TestWorker worker = worker(POLICY.replace(part, instead));

        assertThat(new Preflight(worker.transactions, new CatalogueRepository())
                        .check(worker.policies.find("accounts").orElseThrow())
                        .reasons()
                        .toString())
                .contains(sentence);
    }
}
