package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.cleanup.TestPolicy;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A migration takes a foreign key away, or makes it another one, while a run is under way. */
class ChangedKeysDbTest extends DriftDbTest {

    /** Whoever takes a key away, or makes it another one, wants the rows kept that would have gone by it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0      | alter table lines drop constraint lines_log_fkey                                       | was dropped
            0      | alter table lines drop constraint lines_log_fkey, add foreign key (log) references logs on delete set null | has become another one
            0      | alter table lines rename log to was; alter table lines add log bigint; update lines set log = was % 500 + 1 | has become another one
            180000 | alter table lines alter constraint lines_log_fkey not enforced                         | has become another one
            """)
    void whatNoLongerGoesAlongStays(int version, String statements, String what) throws Exception {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(version);
        Logs.make(database, 1_000, 500, false);
        database.execute("create table lines (id bigint primary key, log bigint references logs on delete cascade);"
                + " insert into lines select id, id from logs; create index on lines (log)");

        UUID id = runWhile(TestPolicy.of("old-logs", "logs", "P1D"), "logs", statements);

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || coalesce(' ' || stop_detail, '')"))
                .startsWith("failed preflight 0 the foreign key lines_log_fkey of \"public\".\"lines\" " + what);
        assertThat(database.queryLong("select count(*) from lines")).isEqualTo(1_000);
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(1_000);
    }

    /** Before a run a policy is blocked by each of these: PostgreSQL does with it what nobody has looked at. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            delete    | create rule also as on delete to logs do also delete from lines where log = old.id       | the rule also of logs
            delete    | create rule kept as on delete to logs do instead nothing                                 | the rule kept of logs
            anonymise | create rule also as on update to logs do also delete from lines where log = old.id       | the rule also of logs
            delete    | create rule also as on update to notes do also delete from lines where log = old.log     | the rule also of notes
            delete    | create trigger more after update on notes for each row execute function more()           | the trigger more of notes
            """)
    void whatHappensBesideIsLookedAtFirst(String action, String statement, String what) throws Exception {
        Logs.make(database, 1_000, 500, false);
        database.execute("""
                create table lines as select id as log from logs;
                create function more() returns trigger language plpgsql as $$ begin
                  delete from lines where log = old.log; return null; end $$;
                create table notes (log bigint references logs on delete set null);
                insert into notes select id from logs;
                create index on notes (log)
                """);
        TestPolicy policy =
                TestPolicy.of("old-logs", "logs", "P1D").with("nice", "0").with("action", action);
        if (action.equals("anonymise")) {
            policy = policy.with("mask", "[ { column: text, with: constant, value: gone } ]");
        }
        // Behind the first rows of all, which are looked at by themselves.
        new TestWorker(database, policy.settings()).runNow("old-logs");
        database.execute("update logs set text = 'again'; insert into logs select n, now() - interval '2 days', 'again'"
                + " from generate_series(1, 500) as n on conflict do nothing; delete from notes;"
                + " insert into notes select id from logs");

        UUID id = runWhile(policy, "logs", statement);

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || coalesce(' ' || stop_detail, '')"))
                .startsWith("failed preflight 0 " + what + " was added");
        assertThat(database.queryLong("select count(*) from lines")).isEqualTo(1_000);
    }

    /** Through its table nobody heeds it; by its blocks a partition is named itself. */
    @Test
    void aRuleOfAPartitionIsLookedAtFirst() throws Exception {
        assumeNotPostgres13();
        database.execute("""
                create table logs (id bigint primary key, at timestamptz) partition by range (id);
                create table logs_1 partition of logs for values from (0) to (5000);
                insert into logs select n, now() - interval '2 days' from generate_series(1, 1000) as n;
                create index on logs (at, id);
                create table lines as select id as log from logs
                """);
        database.execute("vacuum analyze logs");

        UUID id = runWhile(
                TestPolicy.of("old-logs", "logs", "P1D"),
                "logs",
                "create rule also as on delete to logs_1 do also delete from lines where log = old.id");

        assertThat(run(id, "strategy || ' ' || state || coalesce(' ' || stop_detail, '')"))
                .startsWith("block-ranges failed the rule also of logs_1 was added");
        assertThat(database.queryLong("select count(*) from lines")).isEqualTo(1_000);
    }

    /** A row that is not old enough has the number of one that is, and its lines would go by that. */
    @Test
    void aKeyThatNoLongerNamesOneRowIsLookedAtFirst() throws Exception {
        Logs.make(database, 1_000, 500, false);
        database.execute("""
                alter table logs add number bigint;
                update logs set number = id;
                alter table logs alter number set not null, add constraint numbered unique (number);
                create table lines (id bigint primary key, log bigint references logs on delete cascade);
                insert into lines select id, id from logs;
                create index on lines (log)
                """);
        TestPolicy policy =
                TestPolicy.of("old-logs", "logs", "P1D").with("key", "[number]").with("nice", "0");
        // Behind the first rows of all, which are looked at by themselves.
        new TestWorker(database, policy.settings()).runNow("old-logs");
        database.execute(
                "insert into logs (id, at, number) select n, now() - interval '2 days', n"
                        + " from generate_series(1, 500) as n; insert into lines select n, n from generate_series(1, 500) as n");

        UUID id = runWhile(
                policy,
                "logs",
                "alter table logs drop constraint numbered;"
                        + " insert into logs (id, at, number) select id + 5000, now(), number from logs;"
                        + " insert into lines select id, id from logs where id > 5000");

        assertThat(database.queryLong("select count(*) from lines where log > 5000"))
                .isEqualTo(1_000);
        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || coalesce(' ' || stop_detail, '')"))
                .startsWith("failed preflight 0 rows of \"public\".\"logs\" have come to be named by number no longer");
    }

    /** That its rows were looked at, too, changes nothing of what it does. */
    @Test
    void aKeyThatIsValidatedIsTheSame() throws Exception {
        Logs.make(database, 1_000, 500, false);
        database.execute("create table lines (id bigint primary key, log bigint);"
                + " alter table lines add foreign key (log) references logs on delete cascade not valid;"
                + " insert into lines select id, id from logs; create index on lines (log)");

        UUID id = runWhile(
                TestPolicy.of("old-logs", "logs", "P1D"),
                "logs",
                "alter table lines validate constraint lines_log_fkey");

        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(' ' || stop_detail, '')"))
                .isEqualTo("completed 1000");
    }

    /** What refers to that one refers to its rows from then on. */
    @Test
    void aTableThatHasBecomeAPartitionIsLeftToTheNextRun() throws Exception {
        Logs.make(database, 1_000, 500, false);
        database.execute("""
                create table all_logs (like logs including all) partition by hash (id);
                create table late (log bigint references all_logs on delete cascade);
                create index on late (log)
                """);

        UUID id = runWhile(
                TestPolicy.of("old-logs", "logs", "P1D"),
                "logs",
                "alter table all_logs attach partition logs for values with (modulus 1, remainder 0);"
                        + " insert into late select id from logs");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || coalesce(' ' || stop_detail, '')"))
                .startsWith("failed preflight 0 \"public\".\"logs\" has become a partition of another table");
        assertThat(database.queryLong("select count(*) from late")).isEqualTo(1_000);
    }
}
