package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Few rows to go, behind very many that are as old and stay: more than a statement can read in its time. */
class SparseRowsDbTest extends CleanupDbTest {

    private static final int MANY = 200_000;

    @BeforeEach
    void make() {
        database.execute("create table people (id bigint primary key, at timestamptz, name text, kind text)");
        database.execute("create index people_at on people (at, id)");
    }

    private void add(int from, int rows, String days, String name, String kind) {
        database.execute("insert into people select n, now() - interval '" + days + " days', '" + name + "', '" + kind
                + "' from generate_series(" + from + ", " + (from + rows - 1) + ") as n");
        database.execute("vacuum analyze people");
    }

    private TestWorker worker(String key, String value) {
        return new TestWorker(
                database,
                TestPolicy.of("people", "people", "P7D")
                        .with(key, value)
                        .settings(Map.of("statement-timeout", "100ms")));
    }

    @Test
    void whatWasMaskedBeforeKeepsNoneFromBeingMasked() throws Exception {
        TestWorker worker = new TestWorker(
                database,
                TestPolicy.of("people", "people", "P7D")
                        .with("action", "anonymise")
                        .with("mask", "[ { column: name, with: keep-format } ]")
                        .settings(Map.of("statement-timeout", "100ms")));
        add(1, 5, "30", "Ann", "a");
        worker.runNow("people");
        add(100, MANY, "20", "xxx xxx 000 xxx xxx 000 xxx xxx 000", "a");
        add(1_000_000, 5, "10", "Bob", "a");

        UUID id = worker.runNow("people");

        assertThat(run(id, "state || ' ' || strategy || ' ' || rows_matched || ' ' || rows_deleted"))
                .isEqualTo("completed keyset 5 5");
        assertThat(text("select string_agg(distinct name, ' ') from people where id >= 1000000"))
                .isEqualTo("xxx");
    }

    /** However many others lie between them. */
    @Test
    void theCanaryIsOfRowsThatGo() throws Exception {
        add(1, 1_000, "20", "Ann", "b");
        add(2_000, 300, "10", "Bob", "a");

        // With the usual deadline: a canary that is over it is tried again with half as many.
        UUID id = new TestWorker(
                        database,
                        TestPolicy.of("people", "people", "P7D")
                                .with("filter", "[ { column: kind, in: [a] } ]")
                                .settings())
                .runNow("people");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 300");
        assertThat(database.queryLong("select rows from caretaker.cleanup_ledger where seq = 1"))
                .isEqualTo(100);
    }

    /** To find the first row takes longer than a statement may, as it does behind millions that the filter leaves. */
    @Test
    void whatCannotBeFoundInTimeIsToldWithWhatHelps() throws Exception {
        database.execute("""
                create function takes_time(t text) returns boolean language plpgsql as $$
                begin
                  if current_query() like '%caretaker.cleanup.pick */%' and current_query() not like '%explain%' then
                    perform pg_sleep(30);
                  end if;
                  return true;
                end $$;
                create domain kind as text check (takes_time(value));
                alter table people alter kind type kind;
                create table orders (person bigint primary key references people on delete cascade)
                """);
        add(1, 10, "20", "Ann", "a");

        UUID id = worker("filter", "[ { column: kind, in: [a] } ]").runNow("people");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || stop_detail"))
                .isEqualTo(
                        "failed database-error cleanup.batch: cancelled by its deadline (SQL state 57014); where very"
                                + " many rows are as old and stay, an index on (at, id) of those alone that the filter takes"
                                + " helps, else a longer statement-timeout");
    }
}
