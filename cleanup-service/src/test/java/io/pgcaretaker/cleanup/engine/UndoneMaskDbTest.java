package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A trigger of the application's sets back what a mask has set. */
class UndoneMaskDbTest extends CleanupDbTest {

    /** The rows were counted as anonymised at each run, and said what they had said before, or had another pseudonym each time. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            with: random-address      | old.name
            with: hmac                | upper(new.name)
            with: constant, value: X  | lower(new.name)
            with: null                | coalesce(new.name, 'n')
            """)
    void aMaskThatATriggerUndoesIsNotTakenForOne(String mask, String trigger) throws Exception {
        database.execute("create table people (id bigint primary key, left_at timestamptz, name text);"
                + " insert into people select n, now() - interval '3 days', 'Ann' from generate_series(1, 3) as n;"
                + " create index on people (left_at, id); analyze people;"
                + " create function tidy() returns trigger language plpgsql as $$ begin new.name := " + trigger
                + "; return new; end $$;"
                + " create trigger tidy before update on people for each row execute function tidy()");
        TestWorker worker = worker(mask);

        UUID id = worker.runNow("old-people");

        assertThat(run(id, "state || ' ' || rows_deleted || ' ' || stop_reason || ' ' || stop_detail"))
                .startsWith("failed 0 canary")
                .contains("a trigger of the table changes what they have set");
        assertThat(people("name = 'Ann'")).isEqualTo(3);
    }

    /** The first rows of the policy were masked as they should be; what the trigger does has changed since. */
    @ParameterizedTest
    @ValueSource(strings = {"", "partition by range (id)"})
    void aMaskThatATriggerComesToUndoIsNotTakenForOne(String partitioned) throws Exception {
        database.execute("create table people (id bigint primary key, left_at timestamptz, name text) " + partitioned);
        if (!partitioned.isEmpty()) {
            database.execute("create table people_1 partition of people for values from (0) to (9000)");
        }
        database.execute("""
                insert into people select n, now() - interval '3 days', 'Ann' from generate_series(1, 500) as n;
                create index on people (left_at, id);
                create function tidy() returns trigger language plpgsql as $$ begin return new; end $$;
                create trigger tidy before update on people for each row execute function tidy()
                """);
        TestWorker worker = worker("with: random-address");
        worker.runNow("old-people");
        database.execute("""
                create or replace function tidy() returns trigger language plpgsql as $$ begin
                  if new.id % 10 = 0 then new.name := old.name; end if; return new; end $$;
                insert into people select n, now() - interval '3 days', 'Bob' from generate_series(1001, 1500) as n
                """);

        UUID id = worker.runNow("old-people");

        assertThat(run(id, "state || ' ' || rows_deleted || ' ' || rows_skipped || ' ' || stop_detail"))
                .startsWith("completed 450 50 50 rows stayed: locked by somebody, or kept by a trigger");
        assertThat(people("name = 'Bob'")).isEqualTo(50);
        assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger where run_id = '" + id + "'"))
                .isEqualTo(450);
    }

    /** It fires when the statement that masks has answered already; a deferred one at the commit. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            trigger            |                              | ''
            trigger            |                              | partition by range (id)
            constraint trigger | deferrable initially deferred | ''
            constraint trigger | deferrable initially deferred | partition by range (id)
            """)
    void neitherIsOneThatATriggerUndoesAfterwards(String kind, String deferred, String partitioned) throws Exception {
        database.execute("create table people (id bigint primary key, left_at timestamptz, name text) " + partitioned);
        String on = "people";
        if (!partitioned.isEmpty()) {
            database.execute("create table people_1 partition of people for values from (0) to (9000)");
            on = "people_1";
        }
        database.execute("""
                insert into people select n, now() - interval '3 days', 'Ann' from generate_series(1, 500) as n;
                insert into people select n, now() - interval '2 days', 'Bob' from generate_series(1001, 1500) as n;
                create index on people (left_at, id);
                analyze people;
                create function tidy() returns trigger language plpgsql as $$ begin
                  if new.id > 1000 and new.id % 10 = 0 and new.name <> old.name and new.name <> 'Bob' then
                    update people set name = 'Bob' where id = new.id; end if; return null; end $$;
                """);
        database.execute("create " + kind + " tidy after update on " + on + " " + (deferred == null ? "" : deferred)
                + " for each row execute function tidy()");
        TestWorker worker = worker("with: random-address");

        UUID id = worker.runNow("old-people");

        assertThat(run(id, "concat_ws(' ', state, rows_deleted, rows_skipped, stop_detail)"))
                .startsWith("completed 950 50 50 rows stayed: locked by somebody, or kept by a trigger");
        assertThat(people("name = 'Bob'")).isEqualTo(50);
        assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger where run_id = '" + id + "'"))
                .isEqualTo(950);
    }

    private TestWorker worker(String mask) {
        return new TestWorker(
                database,
                TestPolicy.of("old-people", "people", "P1D")
                        .age("left_at")
                        .with("triggers", "[tidy]")
                        .with("action", "anonymise")
                        .with("mask", "[ { column: name, " + mask + " } ]")
                        .settings());
    }

    private long people(String condition) {
        return database.queryLong("select count(*) from people where " + condition);
    }
}
