package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.database.DatabaseUrl;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A migration adds a foreign key while a run is under way: a table of logs, or of logs with their lines. */
class SchemaDriftDbTest extends DriftDbTest {

    @ParameterizedTest
    @CsvSource({
        "false, logs, cascade, failed preflight 0",
        "false, logs, set null, failed preflight 0",
        "true, logs, cascade, failed preflight 0",
        "true, lines, cascade, failed preflight 0",
        "false, others, cascade, completed done 2000",
        "true, others, cascade, completed done 4000",
    })
    void whatNobodyLookedAtTakesNoRowsAlong(boolean lines, String table, String action, String end) throws Exception {
        database.execute("""
                create table logs (id bigint primary key, at timestamptz);
                insert into logs select n, case when n <= 2000 then now() - interval '2 days' else now() end
                from generate_series(1, 4000) as n;
                create index logs_at on logs (at, id);
                create table others (id bigint primary key);
                insert into others select generate_series(1, 2000);
                """);
        if (lines) {
            database.execute("create table lines (id bigint primary key references logs on delete cascade);"
                    + " insert into lines select id from logs");
        }
        database.execute("vacuum analyze logs");
        TestWorker worker = new TestWorker(
                database,
                TestPolicy.of("old-logs", "logs", "P1D")
                        .with("nice", "0")
                        .settings(Map.of("lock-timeout", "30s", "statement-timeout", "30s")));
        Future<UUID> run;
        try (OpenTransaction application = OpenTransaction.begin(
                database, "select pg_advisory_xact_lock(caretaker.hold_gate('\"public\".\"logs\"'))")) {
            run = threads.submit(() -> worker.runNow("old-logs"));
            awaitSession("query like '%run-fence%' and wait_event_type = 'Lock'");
            application.execute("create table late (id bigint references " + table + " on delete " + action + ");"
                    + " insert into late select generate_series(1, 2000); create index on late (id)");
            application.commit();
        }
        UUID id = run.get();

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted"))
                .isEqualTo(end);
        assertThat(database.queryLong("select count(id) from late")).isEqualTo(2_000);
        if (end.startsWith("failed")) {
            assertThat(run(id, "stop_detail")).contains("the foreign key late_id_fkey of late was added");
            assertThat(database.queryLong("select count(*) from logs")).isEqualTo(4_000);
        }
    }

    /** What is masked stays, and with it all that refers to it. */
    @Test
    void whatRefersToAMaskedRowIsNoConcernOfAnybody() throws Exception {
        database.execute("""
                create table people (id bigint primary key, at timestamptz, name text);
                insert into people select n, now() - interval '2 days', 'somebody' from generate_series(1, 500) as n;
                create index people_at on people (at, id);
                create table orders (id bigint primary key, person bigint references people on delete cascade);
                insert into orders select n, n from generate_series(1, 500) as n;
                analyze
                """);
        TestPolicy mask = TestPolicy.of("old-people", "people", "P1D")
                .with("action", "anonymise")
                .with("mask", "[ { column: name, with: constant, value: gone } ]");

        UUID id = new TestWorker(database, mask.settings()).runNow("old-people");

        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(stop_detail, '')"))
                .isEqualTo("completed 500");
        assertThat(database.queryLong("select count(*) from orders")).isEqualTo(500);
    }

    /** Of one partition, or of all: before PostgreSQL 15 no trigger of the partitioned table itself tells of those. */
    @ParameterizedTest
    @ValueSource(strings = {"visits", "visits_old"})
    void partitionsAreLookedAtToo(String table) throws Exception {
        database.execute("""
                create table visits (id bigint primary key, at timestamptz) partition by range (id);
                create table visits_old partition of visits for values from (0) to (2001);
                create table visits_new partition of visits for values from (2001) to (5000);
                insert into visits select n, case when n <= 2000 then now() - interval '2 days' else now() end
                from generate_series(1, 4000) as n;
                create index visits_at on visits (at, id);
                """);
        database.execute("vacuum analyze visits");

        UUID id = runWhile(
                TestPolicy.of("old-visits", "visits", "P1D"),
                "visits",
                "create table late (id bigint references " + table + " on delete cascade);"
                        + " insert into late select generate_series(1, 2000); create index on late (id)");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted"))
                .isEqualTo("failed preflight 0");
        assertThat(database.queryLong("select count(*) from late")).isEqualTo(2_000);
    }

    /** Nobody has looked at the new one: what refers to it, what fires on it, what of it is hidden. */
    @Test
    void anotherTableOfTheSameNameIsLeftToTheNextRun() throws Exception {
        Logs.make(database, 2_000, 2_000, false);

        UUID id = runWhile(TestPolicy.of("old-logs", "logs", "P1D"), "logs", """
                alter table logs rename to logs_before;
                create table logs (like logs_before including all);
                insert into logs table logs_before;
                create table late (id bigint references logs on delete cascade);
                insert into late select generate_series(1, 2000);
                create index on late (id)
                """);

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || ' ' || stop_detail"))
                .startsWith("failed preflight 0 \"public\".\"logs\" has become another table while the run went on");
        assertThat(database.queryLong("select count(*) from late")).isEqualTo(2_000);
    }

    /** The look at a batch's rows has none to look at: what is left is counted in the other one. */
    @ParameterizedTest
    @ValueSource(strings = {"delete", "anonymise"})
    void anEmptyTableOfTheSameNameIsNotWhatTheRunWasFor(String action) throws Exception {
        Logs.make(database, 2_000, 2_000, false);
        TestPolicy policy = TestPolicy.of("old-logs", "logs", "P1D").with("action", action);

        UUID id = runWhile(
                action.equals("delete")
                        ? policy
                        : policy.with("mask", "[ { column: text, with: constant, value: gone } ]"),
                "logs",
                "alter table logs rename to logs_before; create table logs (like logs_before including all)");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || ' ' || coalesce(stop_detail, '')"))
                .startsWith("failed preflight 0 \"public\".\"logs\" has become another table while the run went on");
    }

    /** Nobody has looked at the other table: what refers to its rows, and what of them is held. */
    @Test
    void rowsOfATableThatHasComeToInheritStay() throws Exception {
        Logs.make(database, 2_000, 2_000, false);
        database.execute("""
                create table others (like logs including all);
                insert into others select id + 10000, at, text from logs;
                create table lines (other bigint references others on delete cascade);
                insert into lines select id from others;
                create index on lines (other)
                """);

        UUID id = runWhile(TestPolicy.of("old-logs", "logs", "P1D"), "logs", "alter table others inherit logs");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || ' ' || stop_detail"))
                .startsWith("failed preflight 0 the table others has come to inherit from \"public\".\"logs\"");
        assertThat(database.queryLong("select count(*) from lines")).isEqualTo(2_000);
    }

    /** Before a run a policy has to name them: they may do anything. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            delete    | create trigger more before delete on logs for each row execute function more()          | the trigger more of logs was added
            anonymise | create trigger more before update on logs for each row execute function more()          | the trigger more of logs was added
            """)
    void whatHappensWithEachRowIsLookedAtFirst(String action, String statement, String sentence) throws Exception {
        Logs.make(database, 2_000, 2_000, false);
        database.execute("""
                create table lines as select id as log from logs;
                create function more() returns trigger language plpgsql as $$ begin
                  delete from lines where log = old.id; return coalesce(new, old); end $$
                """);
        TestPolicy policy = TestPolicy.of("old-logs", "logs", "P1D").with("action", action);

        UUID id = runWhile(
                action.equals("delete")
                        ? policy
                        : policy.with("mask", "[ { column: text, with: constant, value: gone } ]"),
                "logs",
                statement);

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || ' ' || coalesce(stop_detail, '')"))
                .startsWith("failed preflight 0 " + sentence);
        assertThat(database.queryLong("select count(*) from lines")).isEqualTo(2_000);
    }

    /** As who loads rows does for the time being, such as {@code pg_restore --disable-triggers}. */
    @ParameterizedTest
    @ValueSource(strings = {"", "partition by range (id)"})
    void rowsGoOnToReferToNothingThatHasGone(String partitioned) throws Exception {
        database.execute("create table logs (id bigint primary key, at timestamptz) " + partitioned);
        if (!partitioned.isEmpty()) {
            database.execute("create table logs_1 partition of logs for values from (0) to (5000)");
        }
        database.execute("""
                insert into logs select n, now() - interval '2 days' from generate_series(1, 2000) as n;
                create index logs_at on logs (at, id);
                create table lines (log bigint references logs on delete set null);
                insert into lines select id from logs;
                create index on lines (log)
                """);
        database.execute("vacuum analyze logs");

        UUID id = runWhile(
                TestPolicy.of("old-logs", "logs", "P1D"),
                "logs",
                "alter table " + (partitioned.isEmpty() ? "logs" : "logs_1") + " disable trigger all");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || ' ' || stop_detail"))
                .startsWith("failed preflight 0 the foreign key lines_log_fkey")
                .contains("has been switched off with the triggers of logs");
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(2_000);
    }

    /** What is hidden is neither deleted nor counted: it would be taken for done. */
    @ParameterizedTest
    @CsvSource({"logs, ", "logs, cascade", "lines, set null"})
    void rowsThatHaveComeToBeHiddenAreNotTakenForDone(String hidden, String onDelete) throws Exception {
        Logs.make(database, 2_000, 2_000, false);
        String role = "cleaner_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + " login; grant all on schema caretaker to " + role
                + "; grant all on all tables in schema caretaker to " + role
                + "; grant all on all sequences in schema caretaker to " + role + "; grant all on logs to " + role);
        if (onDelete != null) {
            database.execute("create table lines (id bigint unique references logs on delete " + onDelete
                    + "); insert into lines select id from logs; grant all on lines to " + role);
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(DatabaseUrl.parse(database.url()).jdbcUrl());
        source.setUser(role);
        TestWorker worker = new TestWorker(
                source,
                TestPolicy.of("old-logs", "logs", "P1D")
                        .with("nice", "0")
                        .settings(Map.of("lock-timeout", "30s", "statement-timeout", "30s")),
                Clock.systemUTC());

        UUID id = runWhile(worker, "logs", "alter table " + hidden + " enable row level security");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || ' ' || coalesce(stop_detail, '')"))
                .startsWith("failed preflight 0 row-level security has come to hide rows of ")
                .contains(hidden)
                .endsWith(" from the role " + role
                        + " while the run went on; nothing of this batch was deleted, the next run looks at it first");
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(2_000);
    }

    /** Who looks at the numbers would take it for a fault. */
    @Test
    void whatSomebodyElseDeletesMeanwhileIsSaid() throws Exception {
        Logs.make(database, 2_000, 2_000, false);

        UUID id = runWhile(TestPolicy.of("old-logs", "logs", "P1D"), "logs", "truncate logs");

        assertThat(run(id, "state || ' ' || rows_deleted || ' ' || coalesce(stop_detail, '')"))
                .isEqualTo(
                        "completed 0 2000 rows that matched as the run began were not its to delete any more: deleted,"
                                + " changed or held meanwhile by somebody else");
    }

    /** Five hundred rows are two days old, as many 22 hours: by their new times of day those would be older than a day, too. */
    @Test
    void whoseAgesAreReckonedAnewIsLeftToTheNextRun() throws Exception {
        database.execute("""
                create table logs (id bigint primary key, at timestamptz);
                insert into logs select n, now() - (case when n <= 500 then interval '2 days' else interval '22 hours' end)
                from generate_series(1, 1000) as n;
                create index logs_at on logs (at, id);
                """);
        database.execute("vacuum analyze logs");

        UUID id = runWhile(
                TestPolicy.of("old-logs", "logs", "P1D"),
                "logs",
                "alter table logs alter at type timestamp using at at time zone 'America/New_York'");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || coalesce(' ' || stop_detail, '')"))
                .startsWith(
                        "failed preflight 0 the column at of \"public\".\"logs\" has become timestamp without time zone");
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(1_000);
    }

    /** As of a migration that makes one anew: by the default of the new one all rows are old enough, or done. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            at   | timestamptz default now() - interval '30 days'
            done | boolean default true
            """)
    void anotherColumnOfTheSameNameIsLeftToTheNextRun(String column, String type) throws Exception {
        database.execute("""
                create table logs (id bigint primary key, at timestamptz, done boolean);
                insert into logs select n, now() - (case when n <= 600 then interval '2 days' else interval '2 hours' end), n > 100
                from generate_series(1, 1000) as n;
                create index logs_at on logs (at, id);
                """);
        database.execute("vacuum analyze logs");

        UUID id = runWhile(
                TestPolicy.of("old-logs", "logs", "P1D").with("filter", "[ { column: done, is: true } ]"),
                "logs",
                "alter table logs rename " + column + " to before; alter table logs add " + column + " " + type);

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || coalesce(' ' || stop_detail, '')"))
                .startsWith("failed preflight 0 the column " + column
                        + " of \"public\".\"logs\" has become another one while");
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(1_000);
    }

    /** It began to go by blocks, since nothing referred to the rows; now what does goes first, along their keys. */
    @Test
    void aRunThatWaitedMeanwhileGoesOnAlongTheKeys() throws Exception {
        Logs.make(database, 4_000, 2_000, false);
        Map<String, String> settings = TestPolicy.of("old-logs", "logs", "P1D").settings();
        TestWorker stopping = new TestWorker(database, settings);
        UUID id = stopping.begin("old-logs");
        Claimed claimed = stopping.claim(Duration.ofSeconds(60)).orElseThrow();
        stopping.stop.stop();
        stopping.engine().execute(claimed);
        database.execute("create table late (id bigint primary key references logs on delete cascade);"
                + " insert into late select generate_series(1, 2000)");

        new TestWorker(database, settings).worker.work();

        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(stop_detail, '')"))
                .isEqualTo("completed 4000");
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(2_000);
    }
}
