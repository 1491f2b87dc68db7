package io.pgcaretaker.cleanup.hold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.preflight.Readiness;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A held row stays: whichever policy, key, owner or client would take it. */
class HoldDbTest extends CleanupDbTest {

    private static TestPolicy policy(String name, String table) {
        return TestPolicy.of(name, table, "P1D");
    }

    private TestWorker worker(TestPolicy... policies) {
        return new TestWorker(database, TestPolicy.settings(Map.of(), policies));
    }

    private String run(UUID id) throws Exception {
        return run(id, "state || ' ' || rows_deleted");
    }

    private String ids(String table) throws Exception {
        return String.join(",", texts("select id from " + table));
    }

    @Test
    void whatIsHeldThroughOnePolicyIsHeldForAnotherThatGoesByAnotherKey() throws Exception {
        database.execute("create table notes (id bigint primary key, code text not null unique, at timestamptz);"
                + " insert into notes select n, 'c' || n, now() - interval '9 days' from generate_series(1, 9) as n;"
                + " create index on notes (at, id); create index on notes (at, code)");
        TestWorker worker =
                worker(policy("by-id", "notes"), policy("by-code", "notes").with("key", "[code]"));
        TestHolds holds = new TestHolds(worker);
        holds.hold("by-id", "3");
        holds.hold("by-code", "\"c5\"");

        assertThat(run(worker.runNow("by-code"))).isEqualTo("completed 7");
        assertThat(run(worker.runNow("by-id"))).isEqualTo("completed 0");
        assertThat(ids("notes")).isEqualTo("3,5");
    }

    /** Orders belong to people, lines to orders by two columns, and stamps, which have no key, to people. */
    private void makePeople() {
        database.execute("create table people (id bigint primary key, at timestamptz);"
                + " create table orders (id bigint, no int, person bigint references people on delete cascade,"
                + "   at timestamptz, primary key (id, no));"
                + " create table lines (id bigint primary key, o bigint, n int, at timestamptz,"
                + "   foreign key (o, n) references orders on delete cascade);"
                + " create table stamps (id bigint not null unique, person bigint references people on delete cascade, at timestamptz);"
                + " insert into people select n, now() - interval '9 days' from generate_series(1, 9) as n;"
                + " insert into orders select n, 1, n, now() - interval '9 days' from generate_series(1, 9) as n;"
                + " insert into orders values (10, 1, null, now());"
                + " insert into lines select n, n, 1, now() - interval '9 days' from generate_series(1, 9) as n;"
                + " insert into stamps select n, n, now() - interval '9 days' from generate_series(1, 9) as n;"
                + " create index on people (at, id); create index on orders (person); create index on orders (at);"
                + " create index on lines (o, n); create index on lines (at, id); create index on stamps (person);"
                + " create index on stamps (at, id)");
    }

    @Test
    void whoeverHasSomethingThatIsHeldStaysAndTheOthersGo() throws Exception {
        makePeople();
        TestWorker worker = worker(policy("people", "people"), policy("orders", "orders"), policy("lines", "lines"));
        TestHolds holds = new TestHolds(worker);
        UUID order = holds.hold("orders", "{\"id\": 2, \"no\": 1}");
        UUID ownerless = holds.hold("orders", "{\"id\": 10, \"no\": 1}");
        UUID line = holds.hold("lines", "4");

        assertThat(run(worker.runNow("people"))).isEqualTo("completed 28");
        assertThat(ids("people")).isEqualTo("2,4");
        assertThat(ids("lines")).isEqualTo("2,4");

        assertThat(holds.release(order)).isTrue();
        assertThat(holds.release(line)).isTrue();
        assertThat(run(worker.runNow("people"))).isEqualTo("completed 8");
        assertThat(ids("orders")).as("nobody's, and held").isEqualTo("10");
        assertThat(holds.release(ownerless)).isTrue();
    }

    /** Nothing refers to somebody without a code, whoever has something that is held. */
    @Test
    void whomNothingCanReferToGoes() throws Exception {
        database.execute("create table people (id bigint primary key, code text unique, at timestamptz);"
                + " create table letters (id bigint primary key, person text references people (code) on delete cascade);"
                + " insert into people select n, case when n < 7 then 'c' || n end, now() - interval '9 days'"
                + " from generate_series(1, 9) as n;"
                + " insert into letters select n, 'c' || n from generate_series(1, 6) as n;"
                + " create index on people (at, id); create index on letters (person)");
        hold("people", "letters", "[\"3\"]");

        assertThat(run(worker(policy("people", "people")).runNow("people"))).isEqualTo("completed 13");
        assertThat(ids("people")).isEqualTo("3");
    }

    /** It would stay, and nobody could tell any more whose it was. */
    @ParameterizedTest
    @ValueSource(strings = {"set null", "set default"})
    void whoeverHasSomethingThatIsHeldAndWouldLoseThemStays(String action) throws Exception {
        database.execute(
                "create table people (id bigint primary key, at timestamptz);"
                        + " create table letters (id bigint primary key, person bigint default 5 references people on delete "
                        + action + ", at timestamptz);"
                        + " insert into people select n, case when n = 5 then now() else now() - interval '9 days' end"
                        + " from generate_series(1, 9) as n;"
                        + " insert into letters select n, n, now() from generate_series(1, 9) as n;"
                        + " create index on people (at, id); create index on letters (person); create index on letters (at, id)");
        TestWorker worker = worker(policy("people", "people"), policy("letters", "letters"));
        TestHolds holds = new TestHolds(worker);
        UUID hold = holds.hold("letters", "3");

        assertThat(run(worker.runNow("people"))).isEqualTo("completed 7");
        assertThat(text("select person::text from letters where id = 3")).isEqualTo("3");
        assertThat(ids("people")).isEqualTo("3,5");

        holds.release(hold);
        assertThat(run(worker.runNow("people"))).isEqualTo("completed 1");
    }

    @Test
    void noHoldComesIntoForceOnWhatABatchIsChanging() throws Exception {
        database.execute("create table people (id bigint primary key, at timestamptz);"
                + " create table letters (id bigint primary key, person bigint references people on delete set null);"
                + " insert into people select n, now() - interval '9 days' from generate_series(1, 300) as n;"
                + " insert into letters select n, n from generate_series(1, 300) as n;"
                + " create index on people (at, id); create index on letters (person);"
                + " create table tried (text text); create function try() returns trigger language plpgsql as $$ begin"
                + " insert into tried select count(*) from pg_locks where locktype = 'advisory' and granted"
                + " and pid = pg_backend_pid() and (classid::bigint << 32 | objid::bigint)"
                + "   = caretaker.hold_gate('\"public\".\"letters\"'); return null; end $$;"
                + " create trigger try after update on letters for each statement execute function try()");
        TestWorker worker = worker(policy("people", "people").with("triggers", "[try]"));

        assertThat(run(worker.runNow("people"))).isEqualTo("completed 300");
        assertThat(texts("select distinct text from tried")).containsExactly("1");
    }

    @Test
    void whileARowWithoutAKeyIsHeldNothingGoesThatCouldTakeIt() throws Exception {
        makePeople();
        TestWorker worker =
                worker(policy("people", "people"), policy("stamps", "stamps").with("key", "[id]"));
        TestHolds holds = new TestHolds(worker);
        holds.hold("stamps", "4");

        assertThat(run(worker.runNow("people"))).isEqualTo("completed 0");
    }

    /** Somebody places a hold on an order while a batch that takes its person is under way. */
    @Test
    void noHoldComesIntoForceOnWhatABatchIsTaking() throws Exception {
        makePeople();
        TestWorker worker = worker(policy("people", "people"), policy("orders", "orders"));

        worker.transactions.run("test.batch", session -> {
            Readiness.Armed armed = (Readiness.Armed) worker.check("people");
            TestWorker.shutHoldGates(session, armed.policy());
            assertThatThrownBy(() -> database.execute("set lock_timeout = '50ms'; insert into caretaker.legal_hold"
                            + " (case_id, policy, subject_table, subject_key, reason, placed_by)"
                            + " values ('C-1', 'orders', '\"public\".\"orders\"', '[\"2\", \"1\"]', 'court', 'test')"))
                    .rootCause()
                    .hasMessageContaining("lock timeout");
            return true;
        });
    }

    @Test
    void aKeyThatIsTooLongForItsColumnNamesNoOther() throws Exception {
        database.execute("create table notes (id varchar(3) primary key, at timestamptz);"
                + " insert into notes values ('abc', now()); create index on notes (at, id)");
        TestWorker worker = worker(policy("notes", "notes"));
        TestHolds holds = new TestHolds(worker);

        assertThat(holds.place("notes", "\"abcdef\"")).isEqualTo(new Holds.Outcome.Gone());
    }

    /** A hold names its table: after a rename nothing would keep its row any more. */
    @Test
    void whileHeldRowsLieUnderAnotherNameNothingGoes() throws Exception {
        database.execute("create table notes (id bigint primary key, at timestamptz);"
                + " insert into notes select n, now() - interval '9 days' from generate_series(1, 9) as n;"
                + " create index on notes (at, id)");
        UUID hold = new TestHolds(worker(policy("notes", "notes"))).hold("notes", "3");
        database.execute("alter table notes rename to memos");
        TestWorker renamed = worker(policy("notes", "memos"));

        assertThat(run(renamed.runNow("notes"))).isEqualTo("refused 0");
        assertThat(renamed.check("notes").reasons().toString()).contains("\"public\".\"notes\"");

        TestHolds holds = new TestHolds(renamed);
        holds.hold("notes", "3");
        holds.release(hold);
        assertThat(run(renamed.runNow("notes"))).isEqualTo("completed 8");
        assertThat(ids("memos")).isEqualTo("3");
    }

    /** As where an application of before and one of after a migration use the table at once: a view keeps no row. */
    @Test
    void aViewOfTheNameThatATableHadIsNotThatTable() throws Exception {
        database.execute("create table notes (id bigint primary key, at timestamptz);"
                + " insert into notes select n, now() - interval '9 days' from generate_series(1, 9) as n;"
                + " create index on notes (at, id)");
        new TestHolds(worker(policy("notes", "notes"))).hold("notes", "3");
        database.execute("alter table notes rename to memos; create view notes as select * from memos");
        TestWorker renamed = worker(policy("notes", "memos"), policy("memos", "memos"));

        assertThat(run(renamed.runNow("memos"))).isEqualTo("refused 0");
        assertThat(run(renamed.runNow("notes"))).isEqualTo("refused 0");

        database.execute("update caretaker.legal_hold set subject_oid = 4294967295");
        assertThat(renamed.check("notes").reasons().toString())
                .as("in a restored database")
                .contains("there is no such table any more");
    }

    /** The rows of a year are put aside with their table, and another one begins under its name. */
    @Test
    void heldRowsThatWereSetAsideWithTheirTableAreKnownByItsGuard() throws Exception {
        database.execute("create table notes (id bigint primary key, at timestamptz);"
                + " insert into notes select n, now() - interval '9 days' from generate_series(1, 9) as n;"
                + " create index on notes (at, id)");
        TestHolds holds = new TestHolds(worker(policy("notes", "notes")));
        UUID hold = holds.hold("notes", "3");
        assertThat(holds.guard("notes")).isEmpty();
        database.execute("alter table notes rename to notes_2025; create table notes (like notes_2025 including all)");
        TestWorker rotated = worker(policy("notes", "notes"), policy("notes-2025", "notes_2025"));

        assertThat(run(rotated.runNow("notes-2025"))).isEqualTo("refused 0");
        assertThat(rotated.check("notes-2025").reasons().toString())
                .contains("rows of public.notes_2025 are held by the name that it had then, \"public\".\"notes\"");
        assertThat(rotated.check("notes").reasons()).isEmpty();

        new TestHolds(rotated).hold("notes-2025", "3");
        holds.release(hold);
        assertThat(run(rotated.runNow("notes-2025"))).isEqualTo("completed 8");
    }

    /** Whichever policy would take them there: one of a new name, too, and one that takes them along. */
    @Test
    void soItIsForEveryPolicyThatWouldTakeThem() throws Exception {
        makePeople();
        UUID hold = new TestHolds(worker(policy("orders", "orders"))).hold("orders", "{\"id\": 2, \"no\": 1}");
        database.execute("create schema archive; alter table orders rename to purchases;"
                + " alter table purchases set schema archive");
        TestWorker renamed =
                worker(policy("people", "people"), policy("purchases", "purchases"), policy("lines", "lines"));

        for (String policy : new String[] {"people", "purchases"}) {
            assertThat(run(renamed.runNow(policy))).isEqualTo("refused 0");
            assertThat(renamed.check(policy).reasons().toString())
                    .contains("rows of archive.purchases are held", "\"public\".\"orders\"", "place the holds anew");
        }
        assertThat(renamed.check("lines").reasons()).as("takes none of them").isEmpty();

        TestHolds holds = new TestHolds(renamed);
        holds.hold("purchases", "{\"id\": 2, \"no\": 1}");
        holds.release(hold);
        assertThat(run(renamed.runNow("people"))).startsWith("completed");
        assertThat(ids("archive.purchases")).isEqualTo("10,2");
    }

    /** Values that PostgreSQL finds equal have more than one text, a table may get another key, and its type another form. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            citext  | Bob     | update notes set id = 'BOB' where id = 'bob'
            numeric | 1.0     | update notes set id = 1.00 where id = 1
            text    | A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11 | alter table notes alter id type uuid using id::uuid
            integer | 7       | alter table notes alter id type numeric(9,2)
            integer | 7       | alter table notes drop constraint notes_pkey, add primary key (id, at)
            integer | 7       | alter table notes drop constraint notes_pkey, add primary key (code)
            """)
    void whileAHeldRowsKeyReadsOtherwiseThanWhenItWasHeldNothingGoes(String type, String key, String change)
            throws Exception {
        database.execute("create extension if not exists citext");
        database.execute("create table notes (id " + type + " primary key, at timestamptz, code uuid not null"
                + " default gen_random_uuid()); insert into notes values ('" + key
                + "', now() - interval '9 days'); create index on notes (at, id); create index on notes (at, code)");
        UUID hold = new TestHolds(worker(policy("notes", "notes"))).hold("notes", "\"" + key + "\"");
        database.execute(change);
        TestWorker worker = worker(policy("notes", "notes"));

        assertThat(run(worker.runNow("notes"))).isEqualTo("refused 0");
        assertThat(worker.check("notes").reasons().toString()).contains("place the holds anew");

        new TestHolds(worker).release(hold);
        assertThat(run(worker.runNow("notes"))).isEqualTo("completed 1");
    }

    /** The same of what would go along. */
    @Test
    void soItIsWithWhatGoesAlong() throws Exception {
        makePeople();
        new TestHolds(worker(policy("lines", "lines"))).hold("lines", "3");
        database.execute("alter table lines drop constraint lines_pkey, add primary key (id, o)");
        TestWorker worker = worker(policy("people", "people"));

        assertThat(run(worker.runNow("people"))).isEqualTo("refused 0");
        assertThat(worker.check("people").reasons().toString())
                .contains("rows of public.lines are held", "place the holds anew");
    }
}
