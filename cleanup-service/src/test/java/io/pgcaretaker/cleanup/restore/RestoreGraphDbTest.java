package io.pgcaretaker.cleanup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.database.DatabaseUrl;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** An account with projects and their pages, all of them soft-deleted; what comes back is what went with the account. */
class RestoreGraphDbTest extends CleanupDbTest {

    private static final TestPolicy POLICY = TestPolicy.of("accounts", "accounts", "P30D")
            .with("age", "{ column: deleted_at, means: event, zone: UTC }")
            .with("restore", "[ { column: deleted_at, to: null } ]")
            .with("restore-dependents", dependents("projects", "removed_at"));

    /** The first of them is named as the test wants it. */
    private static String dependents(String table, String column) {
        return """
                [ { table: %s, column: %s, set: [ { column: removed_at, to: null } ] },
                      { table: public.pages, column: removed_at, within: PT0S,
                        set: [ { column: removed_at, to: null }, { column: visible, to: true } ] } ]
                """.formatted(table, column);
    }

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

    private TestWorker worker(TestPolicy policy) {
        return new TestWorker(database, policy.settings());
    }

    private RestoreOutcome restore(boolean rehearsal) throws Exception {
        return restore(rehearsal, worker(POLICY));
    }

    private static RestoreOutcome restore(boolean rehearsal, TestWorker worker) throws Exception {
        Preflight preflight = worker.preflight();
        RetentionPolicy policy = worker.policy("accounts");
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
                texts("select 'a' || id from accounts where deleted_at is null"
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

    /** No foreign key applies to them: they are nobody's, as for a purge. */
    @Test
    void rowsOfTablesThatInheritStayAsTheyAre() throws Exception {
        database.execute("create table drafts () inherits (projects);"
                + " insert into drafts select id + 100, account, slug, removed_at from projects where id = 1");

        assertThat(restore(false))
                .isEqualTo(new RestoreOutcome.Restored(
                        Map.of("public.accounts", 1L, "public.projects", 2L, "public.pages", 4L)));
        assertThat(texts("select id::text from drafts where removed_at is not null"))
                .containsExactly("101");
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
        try (OpenTransaction connection =
                OpenTransaction.begin(database, "update projects set slug = slug where id = 1")) {
            assertThat(restore(false)).isEqualTo(new RestoreOutcome.Busy());
            connection.rollback();
        }
        assertThat(living()).isEqualTo("p4");
    }

    /** The application goes from the project to its account, the restore the other way: who looks for a deadlock first loses. */
    @Test
    void aDeadlockWithTheApplicationIsOursToLoseAndMayBeTriedAgain() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (OpenTransaction application = OpenTransaction.begin(
                database, "set local deadlock_timeout = '1min'", "update projects set slug = slug where id = 1")) {
            Future<RestoreOutcome> restored = threads.submit(() -> restore(false));
            awaitLockWait();
            application.execute("update accounts set deleted_at = deleted_at where id = 1");

            assertThat(restored.get()).isEqualTo(new RestoreOutcome.Busy());
        } finally {
            threads.shutdownNow();
        }
        assertThat(living()).isEqualTo("p4");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            accounts | removed_at | no row goes with a row
            projects | gone_at    | column 'gone_at' of restore-dependents is not in public.projects
            projects | gone       | column 'gone' of public.projects must be a timestamp
            """)
    void whatCannotBeRestoredBlocksThePolicy(String table, String column, String sentence) throws Exception {
        database.execute("alter table projects add gone bigint");
        TestWorker worker = worker(POLICY.with("restore-dependents", dependents(table, column)));

        assertThat(worker.check("accounts").reasons().toString()).contains(sentence);
    }

    /** The account came back without what the policy says comes back with it, and nobody was told. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            alter table projects drop constraint projects_account_fkey | public.pages
            alter table pages drop constraint pages_project_fkey       | public.pages
            alter table projects rename to works                       | projects
            """)
    void whatIsNotReachedAnyMoreKeepsAllOfItBack(String change, String table) throws Exception {
        database.execute(change);

        assertThat(restore(false))
                .isInstanceOfSatisfying(
                        RestoreOutcome.Refused.class,
                        refused -> assertThat(refused.why()).contains("restore-dependents names " + table));
        assertThat(texts("select id::text from accounts where deleted_at is null"))
                .isEmpty();
    }

    /** What row-level security hides from the role stayed deleted, and the answer was that all had come back. */
    @ParameterizedTest
    @ValueSource(strings = {"projects", "pages"})
    void whatIsHiddenFromTheRoleKeepsAllOfItBack(String table) throws Exception {
        String role = "hidden_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + " login; grant usage on schema caretaker to " + role
                + "; grant select, update, delete on all tables in schema caretaker to " + role
                + "; grant select, update, delete on accounts, projects, pages to " + role
                + "; alter table " + table + " enable row level security; create policy visible on " + table
                + " using (id <> 2)");
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(DatabaseUrl.parse(database.url()).jdbcUrl());
        source.setPassword("postgres");
        source.setUser(role);

        assertThat(restore(false, new TestWorker(source, POLICY.settings(), Clock.systemUTC())))
                .isInstanceOfSatisfying(
                        RestoreOutcome.Refused.class,
                        refused ->
                                assertThat(refused.why()).contains("row-level security hides rows of public." + table));
        assertThat(living()).isEqualTo("p4");
    }

    /** As a booking that was cancelled, and whose room somebody else has now. */
    @ParameterizedTest
    @CsvSource({"'', false", "'', true", "deferrable initially deferred, false", "deferrable initially deferred, true"})
    void whatAnExclusionConstraintGivesToAnotherIsTakenToo(String when, boolean rehearsal) throws Exception {
        database.execute("alter table projects add column during int4range;"
                + " update projects set during = int4range(id, id + 1);"
                + " alter table projects add exclude using gist (during with &&) where (removed_at is null) " + when
                + "; insert into projects values (9, null, 'slug 9', null, '[2,3)')");

        assertThat(restore(rehearsal)).isEqualTo(new RestoreOutcome.Taken("projects: during"));
        assertThat(living()).isEqualTo("p4 p9");
    }

    /** It said that the account lives again, or failed without a word on what to do. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            create function t() returns trigger language plpgsql as 'begin return null; end' | kept it as it is
            create function t() returns trigger language plpgsql as 'begin raise exception ''never''; end' | P0001
            create function t() returns trigger language plpgsql as 'begin perform 1 / 0; return new; end' | 22012
            alter table accounts add constraint closed check (deleted_at is not null) | closed
            """)
    void whatRefusesTheRowIsNamedAndNothingComesBack(String refusal, String why) throws Exception {
        database.execute(refusal);
        if (refusal.startsWith("create")) {
            database.execute("create trigger t before update on accounts for each row execute function t()");
        }

        assertThat(restore(false))
                .isInstanceOfSatisfying(
                        RestoreOutcome.Refused.class,
                        refused -> assertThat(refused.why()).contains(why));
        assertThat(living()).isEqualTo("p4");
    }

    /** Of an account with millions of rows, or where a trigger makes each dear: it was told to be in use, until it was purged. */
    @Test
    void whatTakesLongComesBackAllTheSame() throws Exception {
        database.execute("create function slow() returns trigger language plpgsql as"
                + " 'begin perform pg_sleep(3); return new; end';"
                + " create trigger slow before update on projects for each row execute function slow()");

        assertThat(restore(false)).isInstanceOf(RestoreOutcome.Restored.class);

        assertThat(living()).isEqualTo("a1 p1 p2 p4 q1 q2 q3 q4");
    }
}
