package io.pgcaretaker.cleanup.hold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.SampleRows;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.Preflight;
import io.pgcaretaker.cleanup.plan.Readiness;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.run.TestWorker;
import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A held row stays: whichever policy, key, owner or client would take it. */
class HoldDbTest {

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.createMigrated();

    /** Policies on tables with an age column {@code at}: {@code name table}, and lines of their own. */
    private TestWorker worker(String... policies) throws Exception {
        StringBuilder yaml = new StringBuilder("policies:\n");
        for (String policy : policies) {
            int name = policy.indexOf(' ');
            int table = policy.contains("; ") ? policy.indexOf("; ") : policy.length();
            yaml.append("""
                      - name: %s
                        table: %s
                        age: { column: at, means: event }
                        retention: P1D
                        every: PT1H
                        limits: { max-rows: 100000, max-fraction: 1 }
                        %s
                    """.formatted(
                            policy.substring(0, name),
                            policy.substring(name + 1, table),
                            policy.substring(table).replace("; ", "")));
        }
        Path file = folder.resolve("policies.yaml");
        Files.writeString(file, yaml);
        return new TestWorker(database, Map.of("policies-file", file.toString()));
    }

    private UUID hold(TestWorker worker, String policy, String key) throws Exception {
        return ((Holds.Outcome.Placed) place(worker, policy, key)).hold();
    }

    private Holds.Outcome place(TestWorker worker, String policy, String key) throws Exception {
        RetentionPolicy found = worker.policies.find(policy).orElseThrow();
        Table table = table(worker, found);
        List<String> columns = found.key().isEmpty() ? table.primaryKey() : found.key();
        return new Holds(worker.transactions)
                .place(
                        table,
                        table.subjectColumns(columns),
                        RowKey.read(columns, new ObjectMapper().readTree(key)).orElseThrow(),
                        new Holds.Cause(policy, "C-1", "court", "test"));
    }

    private static Table table(TestWorker worker, RetentionPolicy policy) {
        return preflight(worker).table(policy).orElseThrow();
    }

    private static Preflight preflight(TestWorker worker) {
        return new Preflight(worker.transactions, new CatalogueRepository());
    }

    private Optional<String> guard(TestWorker worker, String policy) {
        Table table = table(worker, worker.policies.find(policy).orElseThrow());
        return new HoldGuard(worker.transactions).ensure(table, table.subjectColumns(table.primaryKey()));
    }

    private String run(UUID id) throws Exception {
        return SampleRows.texts(
                        database,
                        "select state || ' ' || rows_deleted from caretaker.cleanup_run where id = '" + id + "'")
                .first();
    }

    private String ids(String table) throws Exception {
        return String.join(",", SampleRows.texts(database, "select id from " + table));
    }

    @Test
    void whatIsHeldThroughOnePolicyIsHeldForAnotherThatGoesByAnotherKey() throws Exception {
        database.execute("create table notes (id bigint primary key, code text not null unique, at timestamptz);"
                + " insert into notes select n, 'c' || n, now() - interval '9 days' from generate_series(1, 9) as n;"
                + " create index on notes (at, id); create index on notes (at, code)");
        TestWorker worker = worker("by-id notes", "by-code notes; key: [code]");
        hold(worker, "by-id", "3");
        hold(worker, "by-code", "\"c5\"");

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
        TestWorker worker = worker("people people", "orders orders", "lines lines");
        UUID order = hold(worker, "orders", "{\"id\": 2, \"no\": 1}");
        UUID ownerless = hold(worker, "orders", "{\"id\": 10, \"no\": 1}");
        UUID line = hold(worker, "lines", "4");

        assertThat(run(worker.runNow("people"))).isEqualTo("completed 28");
        assertThat(ids("people")).isEqualTo("2,4");
        assertThat(ids("lines")).isEqualTo("2,4");

        assertThat(new Holds(worker.transactions).release(order, "test")).isTrue();
        assertThat(new Holds(worker.transactions).release(line, "test")).isTrue();
        assertThat(run(worker.runNow("people"))).isEqualTo("completed 8");
        assertThat(ids("orders")).as("nobody's, and held").isEqualTo("10");
        assertThat(new Holds(worker.transactions).release(ownerless, "test")).isTrue();
    }

    @Test
    void whileARowWithoutAKeyIsHeldNothingGoesThatCouldTakeIt() throws Exception {
        makePeople();
        TestWorker worker = worker("people people", "stamps stamps; key: [id]");
        hold(worker, "stamps", "4");

        assertThat(run(worker.runNow("people"))).isEqualTo("completed 0");
    }

    /** Somebody places a hold on an order while a batch that takes its person is under way. */
    @Test
    void noHoldComesIntoForceOnWhatABatchIsTaking() throws Exception {
        makePeople();
        TestWorker worker = worker("people people", "orders orders");

        worker.transactions.run("test.batch", session -> {
            Readiness.Armed armed = (Readiness.Armed)
                    preflight(worker).check(worker.policies.find("people").orElseThrow());
            TestWorker.shutHoldGates(session, armed.policy());
            assertThatThrownBy(() -> database.execute("set lock_timeout = '50ms'; insert into caretaker.legal_hold"
                            + " (case_id, policy, subject_table, subject_key, reason, placed_by)"
                            + " values ('C-1', 'orders', '\"public\".\"orders\"', '[\"2\", \"1\"]', 'court', 'test')"))
                    .rootCause()
                    .hasMessageContaining("lock timeout");
            return true;
        });
    }

    /** The application's own role, which may not even look into Caretaker's schema, in a session with settings of its own. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            boolean          | true                     | false
            char(5)          | ab                       | abc
            varchar(5)       | ab                       | abcde
            inet             | 10.0.0.1                 | 10.0.0.1/8
            timestamptz(3)   | 2026-03-29 01:30:00.5+00 | 2026-03-29 03:30:00+02
            date             | 0044-03-15 BC            | infinity
            numeric          | 1.50                     | 2
            bytea            | \\x00ff                  | \\x
            double precision | 0.1                      | NaN
            interval         | 1 mon 2 days             | 1 day
            """)
    void noOtherClientDeletesAHeldRow(String type, String held, String other) throws Exception {
        database.execute("create table \"Odd Notes\" (\"the\"\"id\" " + type + " primary key, at timestamptz);"
                + " insert into \"Odd Notes\" values ('" + held + "', now() - interval '9 days'), ('" + other
                + "', now() - interval '9 days'); create index on \"Odd Notes\" (at)");
        TestWorker worker = worker("odd Odd Notes");
        UUID hold = hold(worker, "odd", new ObjectMapper().writeValueAsString(held));
        assertThat(guard(worker, "odd")).isEmpty();
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
        new Holds(worker.transactions).release(hold, "test");
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
        TestWorker worker = worker("notes notes");
        hold(worker, "notes", "4");
        assertThat(guard(worker, "notes")).isEmpty();

        assertThatThrownBy(() -> database.execute("delete from notes_0 where id = 4"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
        assertThat(run(worker.runNow("notes"))).isEqualTo("completed 8");
    }

    /** A key column that was renamed since: nobody can tell which row it is. */
    @Test
    void aKeyThatIsNotWhatItWasKeepsEverything() throws Exception {
        database.execute(
                "create table notes (id bigint primary key, at timestamptz); insert into notes values (1, now());"
                        + " create index on notes (at, id)");
        TestWorker worker = worker("notes notes");
        hold(worker, "notes", "1");
        guard(worker, "notes");
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
        RetentionPolicy policy = worker("notes notes").policies.find("notes").orElseThrow();
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
        database.execute(
                "insert into caretaker.legal_hold (case_id, policy, subject_table, subject_key, reason, placed_by)"
                        + " values ('C-1', 'notes', '\"public\".\"notes\"', '[\"4\"]', 'court', 'test')");
        assertThatThrownBy(() -> database.execute("delete from notes"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
    }

    @Test
    void aKeyThatIsTooLongForItsColumnNamesNoOther() throws Exception {
        database.execute("create table notes (id varchar(3) primary key, at timestamptz);"
                + " insert into notes values ('abc', now()); create index on notes (at, id)");
        TestWorker worker = worker("notes notes");

        assertThat(place(worker, "notes", "\"abcdef\"")).isEqualTo(new Holds.Outcome.Gone());
    }
}
