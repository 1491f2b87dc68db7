package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Each action where the database is set, or its tables are named, as nobody would expect. */
class SurroundingsDbTest extends CleanupDbTest {

    /** What has a meaning to the driver, to Java or to SQL, and letters beyond ASCII. */
    private static final String ODD = "Ünï \"x\" ? %s; $1 :p {d y} \\b 'z'";

    @TempDir
    Path folder;

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String yaml(String name) {
        return "'" + name.replace("'", "''") + "'";
    }

    private void make(String suffix, String column) {
        String at = quoted("at" + column);
        String id = quoted("id" + column);
        String key = id + " bigint primary key";
        for (String table : List.of("users", "notes", "logs")) {
            String name = quoted(table + suffix);
            database.execute("create table " + name + " (gone int, " + key + ", " + at + " timestamptz, name text)");
            database.execute("alter table " + name + " drop column gone");
            database.execute("create index on " + name + " (" + at + ", " + id + ")");
            database.execute(
                    "insert into " + name
                            + " select n, now() - interval '9 days' + n * interval '1 second', 'Ann 7' from generate_series(1, 300) as n");
            database.execute("insert into " + name + " select n, now(), 'Bob' from generate_series(1001, 1100) as n");
            database.execute("analyze " + name);
        }
        database.execute("create table " + quoted("orders" + suffix) + " (" + quoted("user" + column)
                + " bigint references " + quoted("users" + suffix) + " on delete cascade, " + key + ")");
        database.execute("create index on " + quoted("orders" + suffix) + " (" + quoted("user" + column) + ")");
        database.execute("insert into " + quoted("orders" + suffix) + " select n, n from generate_series(1, 300) as n");
        database.execute("create table " + quoted("parts" + suffix) + " (" + at + " timestamptz, " + id
                + " bigint, primary key (" + at + ", " + id + ")) partition by range (" + at + ")");
        database.execute("create table " + quoted("old" + suffix) + " partition of " + quoted("parts" + suffix)
                + " for values from (minvalue) to ('2020-01-01')");
        database.execute("create table " + quoted("new" + suffix) + " partition of " + quoted("parts" + suffix)
                + " for values from ('2020-01-01') to (maxvalue)");
        database.execute(
                "insert into " + quoted("parts" + suffix) + " select '2019-01-01', n from generate_series(1, 50) as n");
    }

    private TestPolicy policy(String name, String suffix, String column) {
        return TestPolicy.of(name, yaml(name + suffix), "P7D")
                .with("age", "{ column: " + yaml("at" + column) + ", means: event }");
    }

    private TestWorker worker(DataSource source, String suffix, String column) {
        return new TestWorker(
                source,
                TestPolicy.settings(
                        Map.of("archive-directory", folder.toString()),
                        policy("users", suffix, column),
                        policy("notes", suffix, column)
                                .with("action", "anonymise")
                                .with("mask", "[ { column: name, with: keep-format } ]"),
                        policy("logs", suffix, column).with("action", "archive"),
                        policy("parts", suffix, column).with("action", "drop-partitions")),
                Clock.systemUTC());
    }

    private void assertAllGoes(TestWorker worker, String suffix) throws Exception {
        for (String policy : List.of("users", "notes", "logs", "parts")) {
            UUID id = worker.runNow(policy);
            assertThat(run(id, "state || ' ' || coalesce(rows_deleted, -1) || coalesce(' ' || stop_detail, '')"))
                    .as(policy)
                    .isEqualTo("completed " + (policy.equals("users") ? 600 : policy.equals("parts") ? 50 : 300));
        }
        for (String table : List.of("users", "logs")) {
            assertThat(database.queryLong("select count(*) from public." + quoted(table + suffix)))
                    .isEqualTo(100);
        }
        assertThat(database.queryLong(
                        "select count(*) from public." + quoted("notes" + suffix) + " where name in ('xxx 0', 'Bob')"))
                .isEqualTo(400);
        assertThat(worker.ledgerFaults()).isEmpty();
    }

    @Test
    void namesMayBeAnything() throws Exception {
        make(ODD, ODD);

        assertAllGoes(worker(database.source(), ODD, ODD), ODD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lock_timeout = '1ms'",
                "idle_in_transaction_session_timeout = '100ms'",
                "search_path = 'pg_temp'",
                "standard_conforming_strings = off",
                "datestyle = 'German, DMY'",
                "timezone = 'America/New_York'",
                "row_security = off",
                "quote_all_identifiers = on",
                "enable_indexscan = off",
                "plan_cache_mode = force_generic_plan"
            })
    void whateverTheDatabaseIsSetTo(String setting) throws Exception {
        make("", "");
        set(setting);

        assertAllGoes(worker(fresh(), "", ""), "");
    }

    private void set(String setting) {
        database.execute(
                "do $$ begin execute format($f$alter database %I set " + setting + "$f$, current_database()); end $$");
    }

    /** An empty table that was vacuumed was told to have no index. */
    @Test
    void whatIsSwitchedOffForAllStatementsIsNoMissingIndex() throws Exception {
        make("", "");
        database.execute("truncate logs");
        database.execute("vacuum logs");
        set("enable_indexscan = off");
        set("enable_indexonlyscan = off");

        assertThat(new TestWorker(fresh(), policy("logs", "", "").settings(), Clock.systemUTC())
                        .check("logs")
                        .reasons())
                .isEmpty();
    }

    /** A batch lasts longer than what PostgreSQL has been told to allow any statement, or from 17 on any transaction. */
    @ParameterizedTest
    @CsvSource({"statement_timeout, 130000", "transaction_timeout, 170000"})
    void whatIsAllowedByDefaultIsNotForOurs(String setting, int since) throws Exception {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(since);
        make("", "");
        database.execute("create function late() returns trigger language plpgsql as"
                + " 'begin if old.id = 7 then perform pg_sleep(1.5); end if; return old; end';"
                + " create trigger late before delete on logs for each row execute function late()");
        set(setting + " = '1s'");

        UUID id = new TestWorker(
                        fresh(),
                        policy("logs", "", "").with("triggers", "[late]").settings(),
                        Clock.systemUTC())
                .runNow("logs");

        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(stop_detail, '')"))
                .isEqualTo("completed 300");
    }

    /** Somebody may make functions and operators in a schema that is searched before PostgreSQL's own. */
    @Test
    void whatHidesPostgresqlsOwnFunctionsDecidesNothing() throws Exception {
        make("", "");
        database.execute("""
                create schema evil;
                create function evil.always(timestamptz, timestamptz) returns bool language sql as 'select true';
                create operator evil.< (leftarg = timestamptz, rightarg = timestamptz, procedure = evil.always);
                create function evil.always(bigint, bigint) returns bool language sql as 'select true';
                create operator evil.= (leftarg = bigint, rightarg = bigint, procedure = evil.always);
                create function evil.set_config(text, text, boolean) returns text language sql as 'select $2';
                """);
        set("search_path = evil, pg_catalog, public");

        assertAllGoes(worker(fresh(), "", ""), "");
    }

    /** They fit better than PostgreSQL's own, which take any type: whichever schema comes first, they would be called. */
    @Test
    void functionsThatFitBetterThanPostgresqlsOwnAreNotCalled() throws Exception {
        make("", "");
        database.execute("""
                create function unnest(bigint[]) returns setof bigint language plpgsql as $$ begin raise 'called'; end $$;
                create function unnest(text[]) returns setof text language plpgsql as $$ begin raise 'called'; end $$;
                create function unnest(int2[]) returns setof int2 language plpgsql as $$ begin raise 'called'; end $$;
                create function unnest(oid[]) returns setof oid language plpgsql as $$ begin raise 'called'; end $$;
                create function jsonb_build_array(text) returns jsonb language plpgsql as $$ begin raise 'called'; end $$;
                create function to_jsonb(pg_constraint) returns jsonb language plpgsql as $$ begin raise 'called'; end $$;
                create function to_jsonb(pg_index) returns jsonb language plpgsql as $$ begin raise 'called'; end $$;
                create function to_jsonb(pg_inherits) returns jsonb language plpgsql as $$ begin raise 'called'; end $$;
                create function cardinality(int2[]) returns int language plpgsql as $$ begin raise 'called'; end $$;
                """);
        hold("users", "users", "[\"1001\"]");
        hold("orders", "orders", "[\"1001\"]");

        assertAllGoes(worker(database.source(), "", ""), "");
    }

    /** Foreign keys would not act: what is set to null when a user goes would go on to name that user. */
    @Test
    void nothingGoesWhereTriggersDoNotAct() throws Exception {
        make("", "");
        database.execute("alter table orders drop constraint orders_user_fkey,"
                + " add foreign key (\"user\") references users on delete set null");
        set("session_replication_role = replica");

        UUID id = worker(fresh(), "", "").runNow("users");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || ' ' || stop_detail"))
                .startsWith("refused preflight 0 session_replication_role is replica");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            bytea    | '\\x00ff'           | bytea_output = 'escape'
            interval | '1 day 2 hours'     | intervalstyle = 'iso_8601'
            float8   | 0.1::float8 + 0.2   | extra_float_digits = 0
            """)
    void aHeldRowStaysHoweverKeysAreWritten(String type, String value, String setting) throws Exception {
        database.execute("drop table if exists logs; create table logs (id " + type
                + " primary key, at timestamptz); create index on logs (at, id); insert into logs values (" + value
                + ", now() - interval '9 days')");
        hold("logs", "logs", text("select jsonb_build_array(id::text)::text from logs"));
        set(setting);

        UUID id = new TestWorker(fresh(), TestPolicy.of("logs", "logs", "P7D").settings(), Clock.systemUTC())
                .runNow("logs");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 0");
    }

    /** Sessions that were opened before keep what was set then. */
    private DataSource fresh() {
        return new PGSimpleDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                return database.connect();
            }
        };
    }
}
