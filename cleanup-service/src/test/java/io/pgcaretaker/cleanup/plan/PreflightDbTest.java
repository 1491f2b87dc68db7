package io.pgcaretaker.cleanup.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.TestSettings;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** What is not proven safe is not armed, and the sentence says what to do. */
class PreflightDbTest {

    private static final String USERS =
            "create table users (id bigint primary key, is_deleted boolean, deleted_at timestamp);";
    private static final String INDEX = "create index users_deleted_at on users (deleted_at, id) where is_deleted;";

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.createMigrated();

    private Readiness check(Map<String, String> settings) {
        return check(Policies.USERS, settings);
    }

    private Readiness check(String policy, Map<String, String> settings) {
        Policies policies = Policies.load(TestSettings.with(settings));
        Preflight preflight = new Preflight(new Transactions(database.source()), new CatalogueRepository());
        return preflight.check(policies.find(policy).orElseThrow());
    }

    @Test
    void noTableIsNotApplicable() {
        assertThat(check(Map.of())).isInstanceOf(Readiness.NotApplicable.class);
    }

    @Test
    void aTableAsExpectedIsArmed() {
        database.execute(USERS + INDEX);

        assertThat(check(Map.of())).isInstanceOf(Readiness.Armed.class);
    }

    @Test
    void otherNamesAreSetByConfiguration() {
        database.execute(
                "create schema app; create table app.\"Member\" (id uuid primary key, gone boolean, \"goneAt\" timestamptz);"
                        + " create index on app.\"Member\" (\"goneAt\")");

        Readiness readiness = check(Map.of(
                "policies.\"soft-deleted-users\".schema", "app",
                "policies.\"soft-deleted-users\".table", "Member",
                "policies.\"soft-deleted-users\".columns.is_deleted", "gone",
                "policies.\"soft-deleted-users\".columns.deleted_at", "goneAt"));

        assertThat(readiness).isInstanceOf(Readiness.Armed.class);
    }

    @Test
    void aWrongColumnIsNamedWithWhatThereIs() {
        database.execute("create table users (id bigint primary key, removed boolean, deleted_at timestamp)");

        Readiness readiness = check(Map.of());

        assertThat(readiness).isInstanceOf(Readiness.Misconfigured.class);
        assertThat(readiness.reasons()).singleElement().asString().contains("'is_deleted'", "removed", "public.users");
    }

    /** Many applications have a table of so common a name. */
    @Test
    void aTableThatAnOptionalPolicyCannotMeanIsNotApplicable() {
        database.execute("create table prompts (id bigint primary key, question text)");

        Readiness readiness = check("anonymous-prompts", Map.of());

        assertThat(readiness).isInstanceOf(Readiness.NotApplicable.class);
        assertThat(readiness.reasons().toString()).contains("'created_at'", "'user_id'");
    }

    @Test
    void aWrongTypeIsNamed() {
        database.execute("create table users (id bigint primary key, is_deleted boolean, deleted_at bigint)");

        assertThat(check(Map.of()).reasons()).singleElement().asString().contains("'deleted_at'", "but is bigint");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            create table child (user_id bigint references users on delete cascade, id int primary key) | create index concurrently on "public"."child" ("user_id")
            create table child (user_id bigint references users); create index on child (user_id)      | does not cascade
            alter table users add parent bigint references users on delete cascade; create index on users (parent) | leads back
            create function f() returns trigger language plpgsql as 'begin return null; end'; create trigger keep before delete on users for each row execute function f() | delete trigger keep
            create schema other; create table other.users (id int)                                      | more than one table
            alter table users drop constraint users_pkey                                                | no primary key
            drop index users_deleted_at                                                                 | create index concurrently on "public"."users" ("deleted_at", "id")
            create rule r as on delete to users do instead nothing                                      | rule on delete
            create table heir () inherits (users)                                                       | inherit
            create table child (user_id bigint references users on delete cascade, id int) partition by hash (id) | run: create index on "public"."child" ("user_id"), which shuts each partition
            create table child (user_id bigint not null references users on delete set null); create index on child (user_id) | is set to null, which its column does not allow
            create table child (user_id bigint default 0 references users on delete set default); create index on child (user_id) | is set to its default, which no row of public.users has
            create table child (user_id bigint references users on delete set null); create index on child (user_id); create rule r as on update to child do instead nothing | has a rule on update, which keeps the foreign key child_user_id_fkey
            create table child (user_id bigint references users on delete set null); create index on child (user_id); create function f() returns trigger language plpgsql as 'begin return null; end'; create trigger seen after update on child for each row execute function f() | public.child has the update trigger seen, which may do anything when the foreign key
            """)
    void whatCannotBeProvenIsBlocked(String sql, String sentence) {
        database.execute(USERS + INDEX + sql);

        Readiness readiness = check(Map.of());

        assertThat(readiness).isInstanceOf(Readiness.Blocked.class);
        assertThat(String.join("\n", readiness.reasons())).contains(sentence);
    }

    /** A default that there is, or that is null or computed, is as good as any other way not to refer to a row. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "-1", "null", "(floor(random()))::bigint"})
    void aForeignKeyMayBeSetToADefaultThatThereIs(String value) {
        database.execute(USERS + INDEX + "insert into users values (1, false), (-1, false);"
                + " create table child (user_id bigint default " + value
                + " references users on delete set default); create index on child (user_id)");

        assertThat(check(Map.of())).isInstanceOf(Readiness.Armed.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            alter table users drop deleted_at; alter table users add made timestamp, add deleted_at timestamp generated always as (made + interval '1 day') virtual | is virtual: PostgreSQL makes it when it is read, and no index can serve it
            create extension btree_gist; alter table users add valid daterange not null default '[,]', drop constraint users_pkey, add primary key (id, valid without overlaps); create table child (user_id bigint, valid daterange, foreign key (user_id, period valid) references users (id, period valid)) | is over a period
            """)
    void whatPostgresql18HasAndIsNotSupportedIsSaid(String sql, String sentence) {
        Assumptions.assumeTrue(database.queryLong("select current_setting('server_version_num')::int") >= 180_000);
        database.execute(USERS + INDEX + sql);

        assertThat(check(Map.of()).reasons().toString())
                .contains(sentence)
                .doesNotContain("child_user_id_valid_fkey of public.child has no index");
    }

    /** PostgreSQL 15 sets some columns of a key to null and leaves the others, 18 knows keys that do nothing. */
    @Test
    void aForeignKeyDoesWhatItSays() {
        long version = database.queryLong("select current_setting('server_version_num')::int");
        Assumptions.assumeTrue(version >= 150_000);
        database.execute(USERS + INDEX + "alter table users add tenant int not null default 1, add unique (tenant, id);"
                + " create table child (tenant int not null, user_id bigint,"
                + " foreign key (tenant, user_id) references users (tenant, id) on delete set null (user_id));"
                + " create index on child (tenant, user_id);"
                + " create table idle (user_id bigint"
                + (version < 180_000 ? ")" : " references users on delete cascade not enforced)"));

        Readiness readiness = check(Map.of());

        assertThat(readiness.reasons()).isEmpty();
        ArmedPolicy armed = ((Readiness.Armed) readiness).policy();
        assertThat(armed.dependents()).isEmpty();
        assertThat(armed.unset().get(0).unsetColumns()).containsExactly("user_id");
    }

    /** The sentence is what an operator runs, and then it is armed without a restart. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "drop index users_deleted_at",
                "create table child (user_id bigint references users on delete cascade, id int primary key)",
                "create table child (user_id bigint references users on delete cascade, \"the id\" int) partition by hash (\"the id\")",
            })
    void whatTheSentenceSaysArmsIt(String sql) {
        database.execute(USERS + INDEX + sql);
        String reason = check(Map.of()).reasons().get(0);

        database.execute(reason.replaceAll("(?s).*; run: ([^;,]*(?:\\([^)]*\\))).*", "$1"));

        assertThat(check(Map.of())).isInstanceOf(Readiness.Armed.class);
    }

    /** The key is of one partition alone; a delete through the table cascades all the same. */
    @Test
    void aForeignKeyToAPartitionIsFollowed() {
        database.execute("create table users (id bigint primary key, is_deleted boolean, deleted_at timestamp)"
                + " partition by range (id); create table users_0 partition of users for values from (0) to (9);"
                + " create index on users (deleted_at, id);"
                + " create table child (user_id bigint references users_0 on delete cascade)");
        assertThat(check(Map.of()).reasons().toString()).contains("create index concurrently on \"public\".\"child\"");

        database.execute("create index on child (user_id)");

        assertThat(((Readiness.Armed) check(Map.of())).policy().dependents()).hasSize(1);
    }

    /** One policy that PostgreSQL does not plan is blocked; the others, the start and the list of policies go on. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            filter: [ { column: n, in: [abc] } ]                                                     | cannot be one of its column's type
            filter: [ { column: mood, in: [sad] } ]                                                  | cannot be one of its column's type
            filter: [ { column: doc, in: ['{}'] } ]                                                  | has a type that cannot be compared
            action: anonymise; mask: [ { column: n, with: constant, value: abc } ]                   | cannot be one of its column's type
            action: anonymise; mask: [ { column: doc, with: constant, value: '{}' } ]                | has a type that cannot be compared
            filter: [ { column: at, in: [ NOW ] } ]                                                  | filter.in of column 'at' of public.notes names a time that moves
            filter: [ { column: day, in: [ '2020-01-01', ' tomorrow 12:00' ] } ]                     | filter.in of column 'day' of public.notes names a time that moves
            action: anonymise; mask: [ { column: day, with: constant, value: today } ]               | mask.value of column 'day' of public.notes names a time that moves
            action: anonymise; mask: [ { column: code, with: constant, value: removed } ]            | is too short for this mask: the value has 7 characters
            action: anonymise; mask: [ { column: flag, with: constant, value: removed } ]            | is too short for this mask: the value has 7 characters
            key: [ place ]                                                                           | no unique index over exactly
            key: [ tags ]                                                                            | is an array
            """)
    void aPolicyThatPostgresqlRefusesIsBlocked(String line, String sentence) throws Exception {
        database.execute(
                "create type mood as enum ('glad', 'now'); create domain moment as timestamp; create table notes (id bigint primary key, at timestamptz,"
                        + " n int, mood mood, doc json, code varchar(5), flag character(1), day moment, place point, tags text[] not null unique); create index on notes (at, id)");

        Readiness readiness = checkOwn("notes", line);

        assertThat(readiness).isInstanceOf(Readiness.Blocked.class);
        assertThat(readiness.reasons().toString()).contains(sentence).doesNotContain("abc", "sad");
    }

    /** Only of a time it is one. */
    @Test
    void aTextMayBeNow() throws Exception {
        database.execute(
                "create type mood as enum ('glad', 'now'); create table notes (id bigint primary key, at timestamptz,"
                        + " mood mood, code varchar(7)); create index on notes (at, id)");

        assertThat(checkOwn("notes", "filter: [ { column: mood, in: [now] }, { column: code, in: [today] } ]"))
                .isInstanceOf(Readiness.Armed.class);
        assertThat(checkOwn("notes", "action: anonymise; mask: [ { column: code, with: constant, value: removed } ]"))
                .isInstanceOf(Readiness.Armed.class);
    }

    private Readiness checkOwn(String table, String line) throws Exception {
        Path file = folder.resolve("policies.yaml");
        Files.writeString(file, """
                policies:
                  - name: own
                    table: %s
                    age: { column: at, means: event }
                    retention: P1D
                    every: PT1H
                    limits: { max-rows: 10, max-fraction: 1 }
                    %s
                """.formatted(table, line.replace("; ", "\n    ")));
        return check("own", Map.of("policies-file", file.toString()));
    }

    /** Somebody rebuilds it, say: the service starts, lists it as blocked, and works at the other policies. */
    @Test
    void aTableThatSomebodyHasShutIsBlockedUntilItCanBeLookedAt() throws Exception {
        database.execute(USERS + INDEX);
        try (Connection owner = database.connect();
                Statement statement = owner.createStatement()) {
            owner.setAutoCommit(false);
            statement.execute("lock table users in access exclusive mode");

            assertThat(check(Map.of()).reasons())
                    .singleElement()
                    .asString()
                    .contains("somebody has locked users", "cannot be looked at");
        }
        assertThat(check(Map.of())).isInstanceOf(Readiness.Armed.class);
    }

    @Test
    void aRuleOnUpdateKeepsRowsFromBeingMasked() throws Exception {
        database.execute("create table notes (id bigint primary key, at timestamptz, n int);"
                + " create index on notes (at, id); create rule r as on update to notes do instead nothing");

        assertThat(checkOwn("notes", "action: anonymise; mask: [ { column: n, with: null } ]")
                        .reasons()
                        .toString())
                .contains("has a rule on update");
        assertThat(checkOwn("notes", "action: delete")).isInstanceOf(Readiness.Armed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"legal_hold", "cleanup_ledger", "email"})
    void whatCaretakerKeepsIsNoPolicys(String table) throws Exception {
        Readiness readiness = checkOwn(table, "schema: caretaker");

        assertThat(readiness.reasons()).singleElement().asString().contains("is Caretaker's own");
    }

    @Test
    void aViewIsBlocked() {
        database.execute("create table people (id bigint primary key, is_deleted boolean, deleted_at timestamp);"
                + " create view users as select * from people");
        assertThat(check(Map.of()).reasons().toString()).contains("is a view");
    }

    @Test
    void aPartitionedTableIsLookedAtPartitionByPartition() {
        database.execute("create table users (id bigint, is_deleted boolean, deleted_at timestamp, primary key (id))"
                + " partition by hash (id); create table users_0 partition of users for values with (modulus 2, remainder 0);"
                + " create table users_1 partition of users for values with (modulus 2, remainder 1)");
        assertThat(check(Map.of()).reasons().toString())
                .contains("no index serves", "create index on \"public\".\"users\"");

        database.execute("create index on users_0 (deleted_at, id)");
        assertThat(check(Map.of())).isInstanceOf(Readiness.Blocked.class);
        database.execute("create index on users_1 (deleted_at, id)");
        assertThat(check(Map.of())).isInstanceOf(Readiness.Armed.class);
        assertThat(((Readiness.Armed) check(Map.of())).policy().byBlocks()).isTrue();
        String role =
                "parent_only_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + " login; grant usage on schema caretaker to " + role
                + "; grant select on all tables in schema caretaker to " + role
                + "; grant select, update, delete on users to " + role);
        assertThat(((Readiness.Armed) checkAs(role)).policy().byBlocks())
                .as("it may, but not by the partitions' own names")
                .isFalse();

        database.execute("create function f() returns trigger language plpgsql as 'begin return null; end';"
                + " create trigger keep before delete on users_1 for each row execute function f()");
        assertThat(check(Map.of()).reasons().toString()).contains("public.users_1 has the delete trigger keep");
    }

    @Test
    void aRoleThatMayNotOrThatSeesOnlyAPartIsRefused() {
        database.execute(USERS + INDEX);
        String role = "limited_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + " login; grant usage on schema caretaker to " + role
                + "; grant select on all tables in schema caretaker to " + role + "; grant select on users to " + role);
        assertThat(checkAs(role).reasons().toString()).contains("grant delete, update on \"public\".\"users\"");

        database.execute("grant update, delete on users to " + role);
        assertThat(checkAs(role)).isInstanceOf(Readiness.Armed.class);

        database.execute("revoke usage on schema public from public");
        assertThat(checkAs(role).reasons().toString()).contains("grant usage on schema \"public\"");
        database.execute("grant usage on schema public to " + role);
        assertThat(checkAs(role)).isInstanceOf(Readiness.Armed.class);

        database.execute("alter table users enable row level security");
        assertThat(checkAs(role).reasons().toString()).contains("row-level security hides rows", "bypassrls");

        database.execute("alter table users owner to " + role);
        assertThat(checkAs(role)).as("its owner sees all of it").isInstanceOf(Readiness.Armed.class);
        database.execute("alter table users force row level security");
        assertThat(checkAs(role).reasons().toString()).contains("row-level security hides rows", "bypassrls");
    }

    private Readiness checkAs(String role) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(DatabaseUrl.parse(database.url()).jdbcUrl());
        source.setPassword("postgres");
        source.setUser(role);
        return new Preflight(new Transactions(source), new CatalogueRepository())
                .check(Policies.load(TestSettings.with(Map.of()))
                        .find(Policies.USERS)
                        .orElseThrow());
    }
}
