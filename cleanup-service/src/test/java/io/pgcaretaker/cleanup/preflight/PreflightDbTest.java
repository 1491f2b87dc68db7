package io.pgcaretaker.cleanup.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.policy.Policies;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.time.zone.ZoneRulesProvider;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not proven safe is not armed, and the sentence says what to do. */
class PreflightDbTest extends CleanupDbTest {

    static final String USERS = "create table users (id bigint primary key, is_deleted boolean, deleted_at timestamp);";
    static final String INDEX = "create index users_deleted_at on users (deleted_at, id) where is_deleted;";

    private Readiness check(Map<String, String> settings) {
        return check(Policies.USERS, settings);
    }

    private Readiness check(String policy, Map<String, String> settings) {
        return new TestWorker(database, settings).check(policy);
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

    /** Each refusal may cost an hour of making an index. */
    @Test
    void allIndexesThatAreMissingAreNamedAtOnce() {
        database.execute(USERS + INDEX + "create table child (user_id bigint references users on delete cascade);"
                + " drop index users_deleted_at");

        assertThat(check(Map.of()).reasons())
                .hasSize(2)
                .anySatisfy(reason -> assertThat(reason).contains("on \"public\".\"child\" (\"user_id\")"))
                .anySatisfy(reason -> assertThat(reason).contains("on \"public\".\"users\" (\"deleted_at\", \"id\")"));
    }

    @Test
    void whatARefusalSaysOfAPartitionedTablesIndexCanBeRunAsItStands() {
        database.execute(
                USERS + INDEX
                        + "create table child (user_id bigint references users on delete cascade, id int) partition by hash (id)");
        List<String> reasons = check(Map.of()).reasons();

        for (String reason : reasons) {
            database.execute(reason.substring(reason.indexOf("run: ") + "run: ".length()));
        }

        assertThat(reasons).hasSize(1);
        assertThat(check(Map.of()).reasons()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            create table child (user_id bigint references users on delete cascade, id int primary key) | create index concurrently on "public"."child" ("user_id")
            create table child (user_id bigint references users on delete cascade); create index on child using brin (user_id) | has no index, every delete would read the whole table; run: create index concurrently on "public"."child" ("user_id")
            create table child (user_id bigint references users); create index on child (user_id)      | does not cascade
            alter table users add parent bigint references users on delete cascade; create index on users (parent) | leads back to a table that is deleted from already (a cycle or a self reference): rows that are not expired could go; make the key on delete set null
            create function f() returns trigger language plpgsql as 'begin return null; end'; create trigger keep before delete on users for each row execute function f() | delete trigger keep
            create schema other; create table other.users (id int)                                      | more than one table
            alter table users drop constraint users_pkey                                                | no primary key
            drop index users_deleted_at                                                                 | create index concurrently on "public"."users" ("deleted_at", "id")
            create rule r as on delete to users do instead nothing                                      | rule on delete
            create table heir () inherits (users)                                                       | inherit
            create table child (user_id bigint references users on delete cascade, id int) partition by hash (id) | run: create index on "public"."child" ("user_id"); -- it shuts each partition
            create table child (user_id bigint not null references users on delete set null); create index on child (user_id) | is set to null, which its column does not allow
            create table child (user_id bigint default 0 references users on delete set default); create index on child (user_id) | is set to its default, which no row of public.users has
            alter table users replica identity nothing; create publication p for table users | public.users is in a publication and has no replica identity, so that PostgreSQL refuses every delete
            create table child (user_id bigint references users on delete cascade); create index on child (user_id); create publication p for all tables | public.child is in a publication and has no replica identity, so that PostgreSQL refuses every delete
            create table child (user_id bigint references users on delete set null); create index on child (user_id); create publication p for table child with (publish = 'update') | so that PostgreSQL refuses every update
            create table child (user_id bigint references users on delete set null); create index on child (user_id); alter table users disable trigger all | the foreign key child_user_id_fkey of public.child is switched off with the triggers of public.users
            create table child (user_id bigint references users on delete cascade); create index on child (user_id); alter table users disable trigger all | run: alter table public.users enable trigger "RI_ConstraintTrigger
            create type pair as (a int, b int); alter table users drop constraint users_pkey, add column k pair not null default row(1, 2), add primary key (k) | column 'k' of public.users is a composite type
            create table child (user_id bigint references users on delete set null); create index on child (user_id); create rule r as on update to child do instead nothing | has a rule on update, which keeps the foreign key child_user_id_fkey
            create table child (user_id bigint references users on delete set null); create index on child (user_id); create function f() returns trigger language plpgsql as 'begin return null; end'; create trigger seen after update on child for each row execute function f() | public.child has the update trigger seen, which may do anything when the foreign key
            """)
    void whatCannotBeProvenIsBlocked(String sql, String sentence) {
        database.execute(USERS + INDEX + sql);

        Readiness readiness = check(Map.of());

        assertThat(readiness).isInstanceOf(Readiness.Blocked.class);
        assertThat(String.join("\n", readiness.reasons())).contains(sentence);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            alter table users drop deleted_at; alter table users add made timestamp, add deleted_at timestamp generated always as (made + interval '1 day') virtual | is virtual: PostgreSQL makes it when it is read, and no index can serve it
            create extension btree_gist; alter table users add valid daterange not null default '[,]', drop constraint users_pkey, add primary key (id, valid without overlaps); create table child (user_id bigint, valid daterange, foreign key (user_id, period valid) references users (id, period valid)) | is over a period
            """)
    void whatPostgresql18HasAndIsNotSupportedIsSaid(String sql, String sentence) {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(180_000);
        database.execute(USERS + INDEX + sql);

        assertThat(check(Map.of()).reasons().toString())
                .contains(sentence)
                .doesNotContain("child_user_id_valid_fkey of public.child has no index");
    }

    /** Each run would fail at its first row: what is published is told apart by the replica identity. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            create publication p for table users where (deleted_at is null) | the row filter of the publication p for public.users does not go with its replica identity
            alter table users drop constraint users_pkey, add primary key (id) include (deleted_at); create publication p for table users where (deleted_at is null) | the row filter of the publication p for public.users does not go with its replica identity
            create publication p for table users (deleted_at) | the column list of the publication p for public.users
            alter table users replica identity full; create publication p for table users (id, deleted_at) | the column list of the publication p for public.users
            create table child (id int primary key, user_id bigint references users on delete set null) partition by range (id); create table child_1 partition of child for values from (0) to (9); create index on child (user_id); create publication p for table child where (user_id > 7) with (publish_via_partition_root) | the row filter of the publication p for public.child_1 does not go with its replica identity, so that PostgreSQL refuses every update
            """)
    void aPublicationThatRefusesChangesIsNamed(String sql, String sentence) {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(150_000);
        database.execute(USERS + INDEX + sql);

        assertThat(check(Map.of()).reasons()).singleElement().asString().contains(sentence);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "create publication p for table users (id)",
                "create publication p for table users where (id > 7)",
                "alter table users replica identity full; create publication p for table users where (deleted_at is null)",
                "create publication p for table users where (deleted_at is null) with (publish = 'insert')"
            })
    void aPublicationOfAPartThatGoesWithTheIdentityIsArmed(String sql) {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(150_000);
        database.execute(USERS + INDEX + sql);

        assertThat(check(Map.of())).isInstanceOf(Readiness.Armed.class);
    }

    /** Neither a replica identity nor what is not published stands in the way. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "create publication p for table users",
                "alter table users replica identity nothing; create publication p for table users with (publish = 'insert, truncate')",
                "alter table users replica identity full; create publication p for table users"
            })
    void aPublishedTableIsArmed(String sql) {
        database.execute(USERS + INDEX + sql);

        assertThat(check(Map.of())).isInstanceOf(Readiness.Armed.class);
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

    /** What else the key is, stays. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bigint references users on delete cascade                                 | ON DELETE SET NULL
            bigint not null references users on update cascade                        | ON UPDATE CASCADE ON DELETE SET NULL
            bigint references users match full on delete restrict deferrable initially deferred | MATCH FULL ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED
            """)
    void whatTheSentenceSaysOfAKeyThatLeadsBackArmsIt(String key, String becomes) throws Exception {
        database.execute(
                USERS + INDEX + "; alter table users add \"re ) of\" " + key + "; create index on users (\"re ) of\")");
        String reason = check(Map.of()).reasons().get(0);

        database.execute(reason.substring(reason.indexOf("; run: ") + 7));

        assertThat(check(Map.of())).isInstanceOf(Readiness.Armed.class);
        assertThat(database.queryLong("select count(*) from pg_constraint where conrelid = 'users'::regclass"
                        + " and pg_get_constraintdef(oid) = 'FOREIGN KEY (\"re ) of\") REFERENCES users(id) " + becomes
                        + "'"))
                .isOne();
    }

    @Test
    void aKeyThatWasNeverCheckedIsMadeOneThatSetsNullToo() throws Exception {
        database.execute(
                USERS + INDEX + "; alter table users add boss bigint, add constraint users_boss foreign key (boss)"
                        + " references users on delete cascade not valid; create index on users (boss)");
        String reason = check(Map.of()).reasons().get(0);

        database.execute(reason.substring(reason.indexOf("; run: ") + 7));

        assertThat(check(Map.of())).isInstanceOf(Readiness.Armed.class);
    }

    /** Somebody rebuilds it, say: the service starts, lists it as blocked, and works at the other policies. */
    @Test
    void aTableThatSomebodyHasShutIsBlockedUntilItCanBeLookedAt() throws Exception {
        database.execute(USERS + INDEX);
        try (OpenTransaction owner = OpenTransaction.begin(database, "lock table users in access exclusive mode")) {
            assertThat(check(Map.of()).reasons())
                    .singleElement()
                    .asString()
                    .contains("somebody has locked users", "cannot be looked at");
            owner.rollback();
        }
        assertThat(check(Map.of())).isInstanceOf(Readiness.Armed.class);
    }

    /** Java's list of zones may be newer than PostgreSQL's. */
    @Test
    void aZoneThatPostgresqlDoesNotKnowIsNamed() {
        database.execute(USERS + INDEX);
        if (!ZoneId.getAvailableZoneIds().contains(NewZone.NAME)) {
            ZoneRulesProvider.registerProvider(new NewZone());
        }

        Readiness readiness = check(Map.of("policies.\"soft-deleted-users\".zone", NewZone.NAME));

        assertThat(readiness.reasons()).singleElement().asString().contains("does not know the time zone Moon/Tycho");
    }

    /** As a later tzdata brings one. */
    private static final class NewZone extends ZoneRulesProvider {
        private static final String NAME = "Moon/Tycho";

        @Override
        protected Set<String> provideZoneIds() {
            return Set.of(NAME);
        }

        @Override
        protected ZoneRules provideRules(String id, boolean forCaching) {
            return ZoneRules.of(
                    ZoneOffset.UTC,
                    ZoneOffset.UTC,
                    List.of(),
                    List.of(ZoneOffsetTransition.of(
                            LocalDateTime.parse("2000-01-01T00:00:00"), ZoneOffset.UTC, ZoneOffset.ofHours(1))),
                    List.of());
        }

        @Override
        protected NavigableMap<String, ZoneRules> provideVersions(String id) {
            return new TreeMap<>(Map.of("1", provideRules(id, false)));
        }
    }

    @Test
    void aViewIsBlocked() {
        database.execute("create table people (id bigint primary key, is_deleted boolean, deleted_at timestamp);"
                + " create view users as select * from people");
        assertThat(check(Map.of()).reasons().toString()).contains("is a view");
    }
}
