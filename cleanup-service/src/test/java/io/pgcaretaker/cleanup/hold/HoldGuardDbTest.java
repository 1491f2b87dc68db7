package io.pgcaretaker.cleanup.hold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.database.DatabaseUrl;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The trigger that keeps a held row from every other client, whose session is set as it likes. */
class HoldGuardDbTest extends CleanupDbTest {

    private TestWorker worker(String policy, String table) {
        return new TestWorker(database, TestPolicy.of(policy, table, "P1D").settings());
    }

    private String run(UUID id) throws Exception {
        return run(id, "state || ' ' || rows_deleted");
    }

    /** The application's own role, which may not even look into Caretaker's schema, in a session with settings of its own. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            boolean          | true                     | false
            char(5)          | ab                       | abc
            varchar(5)       | ab                       | abcde
            inet             | 10.0.0.1                 | 10.0.0.1/8
            timestamptz(3)   | 2026-03-29 01:30:00.5+00 | 2026-03-29 03:30:00+02
            timestamptz      | infinity                 | -infinity
            timestamptz      | 0044-03-15 12:00+00 BC   | epoch
            timetz           | 24:00+00                 | 12:00+05:30
            odd_moment       | infinity                 | epoch
            date             | 0044-03-15 BC            | infinity
            numeric          | 1.50                     | 2
            bytea            | \\x00ff                  | \\x
            double precision | 0.1                      | NaN
            interval         | 1 mon 2 days             | 1 day
            odd_address      | 10.0.0.1                 | 10.0.0.1/8
            odd_flag         | true                     | false
            """)
    void noOtherClientDeletesAHeldRow(String type, String held, String other) throws Exception {
        database.execute("create domain address as inet; create domain odd_address as address;"
                + " create domain odd_flag as boolean; create domain odd_moment as timestamptz; create table \"Odd Notes\" (\"the\"\"id\" "
                + type
                + " primary key, at timestamptz);"
                + " insert into \"Odd Notes\" values ('" + held + "', now() - interval '9 days'), ('" + other
                + "', now() - interval '9 days'); create index on \"Odd Notes\" (at)");
        TestWorker worker = worker("odd", "Odd Notes");
        TestHolds holds = new TestHolds(worker);
        UUID hold = holds.hold("odd", new ObjectMapper().writeValueAsString(held));
        assertThat(holds.guard("odd")).isEmpty();
        String role = "app_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + "; grant select, delete, truncate on \"Odd Notes\" to " + role);
        String as = "set role " + role + "; set timezone = 'Asia/Kolkata';"
                + " set intervalstyle = 'iso_8601'; set bytea_output = 'escape'; set extra_float_digits = -10; ";
        try (Connection application = database.connect();
                Statement statement = application.createStatement()) {
            assertThatThrownBy(() -> statement.execute(as + "delete from \"Odd Notes\""))
                    .hasMessageContaining("under a legal hold");
            assertThatThrownBy(() -> statement.execute(as + "truncate \"Odd Notes\""))
                    .hasMessageContaining("under a legal hold");
        }
        assertThat(run(worker.runNow("odd")))
                .as("the guard is in no policy's way")
                .isEqualTo("completed 1");
        assertThat(database.queryLong("select count(*) from \"Odd Notes\" where \"the\"\"id\" = '" + held + "'"))
                .isEqualTo(1);
        holds.release(hold);
        try (Connection application = database.connect();
                Statement statement = application.createStatement()) {
            statement.execute(as + "delete from \"Odd Notes\"");
        }
        assertThat(database.queryLong("select count(*) from \"Odd Notes\"")).isZero();
    }

    @Test
    void aPartitionIsGuardedByItsOwnNameToo() throws Exception {
        database.execute("create table notes (id bigint primary key, at timestamptz) partition by hash (id);"
                + " create table notes_0 partition of notes for values with (modulus 1, remainder 0);"
                + " insert into notes select n, now() - interval '9 days' from generate_series(1, 9) as n;"
                + " create index on notes (at, id)");
        TestWorker worker = worker("notes", "notes");
        TestHolds holds = new TestHolds(worker);
        holds.hold("notes", "4");
        assertThat(holds.guard("notes")).isEmpty();

        assertThatThrownBy(() -> database.execute("delete from notes_0 where id = 4"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
        assertThat(run(worker.runNow("notes"))).isEqualTo("completed 8");
    }

    /** Whoever applies a subscription is in a session of that role: a row that the publisher deletes went, and was said to be guarded. */
    @Test
    void aSubscriptionThatWouldPassTheGuardByIsToldOf() throws Exception {
        database.execute("create table notes (id bigint primary key, at timestamptz); create index on notes (at, id);"
                + " insert into notes values (4, now() - interval '9 days'); create publication notes for table notes");
        String self = database.queryLong("select current_setting('port')::int") + " dbname="
                + text("select current_database()");
        database.execute("create subscription notes connection 'host=localhost user=postgres password=postgres port="
                + self + "' publication notes with (create_slot = false, slot_name = none, enabled = false,"
                + " copy_data = false)");
        TestHolds holds = new TestHolds(worker("notes", "notes"));
        holds.hold("notes", "4");

        String guard = holds.guard("notes").orElseThrow();

        database.execute(guard);
        assertThat(holds.guard("notes")).isEmpty();
        assertThatThrownBy(() -> database.execute("set session_replication_role = replica; delete from notes"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
        database.execute("set session_replication_role = origin; drop subscription notes");
    }

    /** A key column that was renamed since: nobody can tell which row it is. */
    @Test
    void aKeyThatIsNotWhatItWasKeepsEverything() throws Exception {
        database.execute(
                "create table notes (id bigint primary key, at timestamptz); insert into notes values (1, now());"
                        + " create index on notes (at, id)");
        TestWorker worker = worker("notes", "notes");
        TestHolds holds = new TestHolds(worker);
        holds.hold("notes", "1");
        holds.guard("notes");
        database.execute("alter table notes rename id to number");

        assertThatThrownBy(() -> database.execute("delete from notes"))
                .rootCause()
                .hasMessageContaining("its key is not what it was");
    }

    @Test
    void whoMayPutNoTriggerOnIsToldWhatItsOwnerRuns() throws Exception {
        database.execute("create table notes (id bigint primary key, at timestamptz);"
                + " insert into notes select n, now() - interval '9 days' from generate_series(1, 9) as n;"
                + " create index on notes (at, id)");
        String role = "cleaner_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + " login; grant usage on schema caretaker to " + role
                + "; grant select, update, delete on notes to " + role);
        RetentionPolicy policy = worker("notes", "notes").policies.find("notes").orElseThrow();
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(DatabaseUrl.parse(database.url()).jdbcUrl());
        source.setUser(role);
        source.setPassword("postgres");
        Transactions transactions = new Transactions(source);
        Table table = new Preflight(transactions, new CatalogueRepository())
                .table(policy)
                .orElseThrow();

        Optional<String> statement = new HoldGuard(transactions).ensure(table, table.primaryKey());

        assertThat(statement).isPresent();
        database.execute(statement.get());
        assertThat(new HoldGuard(transactions).ensure(table, table.primaryKey()))
                .isEmpty();
        hold("notes", "notes", "[\"4\"]");
        assertThatThrownBy(() -> database.execute("delete from notes"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
    }

    /** The guard of the old name looks for holds of that name alone. */
    @Test
    void aTableThatWasRenamedIsGuardedAnew() throws Exception {
        database.execute("create table notes (id bigint primary key, at timestamptz);"
                + " insert into notes select n, now() from generate_series(1, 9) as n; create index on notes (at, id)");
        TestHolds before = new TestHolds(worker("notes", "notes"));
        UUID hold = before.hold("notes", "1");
        before.guard("notes");
        database.execute("alter table notes rename to memos");
        TestHolds holds = new TestHolds(worker("notes", "memos"));
        holds.hold("notes", "4");
        holds.release(hold);

        assertThat(holds.guard("notes")).isEmpty();

        assertThatThrownBy(() -> database.execute("delete from memos"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
        assertThatThrownBy(() -> database.execute("truncate memos"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
    }

    /** What the triggers of before look up is a key that no hold has any more: they would let the row go. */
    @Test
    void aTableWhoseKeyIsMadeOfOtherColumnsIsGuardedAnew() throws Exception {
        database.execute(
                "create table notes (id bigint primary key, code text not null, at timestamptz);"
                        + " insert into notes select n, 'c' || n, now() from generate_series(1, 9) as n; create index on notes (at)");
        TestHolds holds = new TestHolds(worker("notes", "notes"));
        UUID hold = holds.hold("notes", "1");
        holds.guard("notes");
        database.execute("alter table notes drop constraint notes_pkey; alter table notes add primary key (code)");
        holds.hold("notes", "\"c1\"");
        holds.release(hold);

        assertThat(holds.guard("notes")).isEmpty();

        assertThatThrownBy(() -> database.execute("delete from notes where id = 1"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
        assertThatThrownBy(() -> database.execute("update notes set code = 'x' where id = 1"))
                .rootCause()
                .hasMessageContaining("another key");
        database.execute("delete from notes where id = 2; update notes set id = 100 where id = 1");
    }

    /** Without a primary key a row is named as the policy does, and another policy may do so otherwise. */
    @Test
    void rowsThatAreHeldByDifferentKeysAreAllGuarded() throws Exception {
        database.execute(
                "create table notes (code bigint not null unique, number bigint not null unique, at timestamptz);"
                        + " insert into notes select n, n + 100, now() from generate_series(1, 9) as n; create index on notes (at)");
        TestHolds holds = new TestHolds(new TestWorker(
                database,
                TestPolicy.settings(
                        Map.of(),
                        TestPolicy.of("by-code", "notes", "P7D").with("key", "[ code ]"),
                        TestPolicy.of("by-number", "notes", "P7D").with("key", "[ number ]"))));
        holds.hold("by-code", "1");
        assertThat(holds.guard("by-code")).isEmpty();
        holds.hold("by-number", "102");
        assertThat(holds.guard("by-number")).isEmpty();

        for (int code = 1; code <= 2; code++) {
            String row = "delete from notes where code = " + code;
            assertThatThrownBy(() -> database.execute(row)).rootCause().hasMessageContaining("under a legal hold");
        }
        assertThat(holds.guard("by-code")).isEmpty();
        assertThatThrownBy(() -> database.execute("delete from notes where number = 102"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
        database.execute("delete from notes where code = 3");
    }

    /** A hold names the row by its key: under another one it would be held no more, and go. */
    @Test
    void aHeldRowKeepsItsKey() throws Exception {
        database.execute("create table people (\"the name\" text, at timestamptz, primary key (\"the name\", at));"
                + " insert into people select 'p' || n, now() - interval '9 days' from generate_series(1, 4) as n;"
                + " create index on people (at)");
        TestWorker worker = worker("people", "people");
        TestHolds holds = new TestHolds(worker);
        String at = text("select at::text from people limit 1");
        UUID hold = holds.hold("people", "{\"the name\":\"p1\",\"at\":\"" + at + "\"}");
        assertThat(holds.guard("people")).isEmpty();

        for (String change : List.of("\"the name\" = 'other'", "at = now()")) {
            assertThatThrownBy(() -> database.execute("update people set " + change + " where \"the name\" = 'p1'"))
                    .rootCause()
                    .hasMessageContaining("under a legal hold and cannot get another key");
        }
        database.execute("update people set \"the name\" = 'renamed' where \"the name\" = 'p2';"
                + " update people set \"the name\" = \"the name\"");
        assertThat(worker.check("people")).isInstanceOf(Readiness.Armed.class);
        assertThat(run(worker.runNow("people"))).isEqualTo("completed 3");

        holds.release(hold);
        database.execute("update people set \"the name\" = 'free', at = at - interval '1 day'");
        assertThat(texts("select \"the name\" from people")).containsExactly("free");
    }

    @Test
    void soItDoesWhereTheKeyIsGeneratedOrMadeByATrigger() throws Exception {
        database.execute("create table people (name text, at timestamptz,"
                + " key text generated always as (lower(name)) stored primary key);"
                + " insert into people select 'P' || n, now() - interval '9 days' from generate_series(1, 4) as n;"
                + " create index on people (at); create table codes (code text primary key, at timestamptz);"
                + " insert into codes values ('a', now() - interval '9 days'); create index on codes (at);"
                + " create function recode() returns trigger language plpgsql as"
                + " $$ begin new.code := new.code || 'x'; return new; end $$;"
                + " create trigger recode before update on codes for each row execute function recode()");
        for (String table : List.of("people", "codes")) {
            TestHolds holds = new TestHolds(worker(table, table));
            holds.hold(table, table.equals("people") ? "\"p1\"" : "\"a\"");
            assertThat(holds.guard(table)).isEmpty();
        }

        for (String change : List.of("people set name = 'other' where name = 'P1'", "codes set at = now()")) {
            assertThatThrownBy(() -> database.execute("update " + change))
                    .rootCause()
                    .hasMessageContaining("under a legal hold and cannot get another key");
        }
        database.execute("update people set name = 'other' where name = 'P2'; update people set name = upper(name)");
        assertThatThrownBy(() -> database.execute("delete from people"))
                .rootCause()
                .hasMessageContaining("be deleted");
    }

    /** Of a version that did not guard the key. */
    @Test
    void aGuardOfBeforeIsCompletedByTheNextHold() throws Exception {
        database.execute("create table notes (id bigint primary key, at timestamptz);"
                + " insert into notes select n, now() from generate_series(1, 9) as n; create index on notes (at, id);"
                + " create trigger caretaker_legal_hold before delete on notes for each row"
                + " execute function caretaker.refuse_held_delete('\"public\".\"notes\"', 'id')");
        TestHolds holds = new TestHolds(worker("notes", "notes"));
        holds.hold("notes", "1");

        assertThat(holds.guard("notes")).isEmpty();

        assertThatThrownBy(() -> database.execute("update notes set id = 100 where id = 1"))
                .rootCause()
                .hasMessageContaining("another key");
    }

    /** A hold knows a key by its text: one that PostgreSQL finds equal to it is another one all the same. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            citext               | Bob   | BOB
            numeric              | 1.0   | 1.00
            interval             | 1 mon | 30 days
            text collate blind   | Bob   | BOB
            """)
    void aHeldRowKeepsItsKeyToTheLetter(String type, String key, String other) throws Exception {
        database.execute("create extension if not exists citext; create collation blind"
                + " (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
        database.execute("create table notes (id " + type + " primary key, at timestamptz); insert into notes values ('"
                + key + "', now()); create index on notes (at, id)");
        TestHolds holds = new TestHolds(worker("notes", "notes"));
        holds.hold("notes", "\"" + key + "\"");
        database.execute("create trigger caretaker_legal_hold before delete on notes for each row execute function"
                + " caretaker.refuse_held_delete('\"public\".\"notes\"', 'id'); create trigger caretaker_legal_hold_key"
                + " after update on notes for each row when (old.id is distinct from new.id) execute function"
                + " caretaker.refuse_held_delete('\"public\".\"notes\"', 'id')");
        assertThat(holds.guard("notes")).as("that of before is replaced").isEmpty();

        assertThatThrownBy(() -> database.execute("update notes set id = '" + other + "'"))
                .rootCause()
                .hasMessageContaining("another key");
        database.execute("update notes set id = '" + key + "', at = now()");
    }
}
