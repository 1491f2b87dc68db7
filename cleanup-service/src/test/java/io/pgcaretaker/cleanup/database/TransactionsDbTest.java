package io.pgcaretaker.cleanup.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.testing.TestDatabase;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

class TransactionsDbTest {

    @Test
    void aTransactionInsideAnotherOfTheSameSessionCommitsOnlyItsOwn() {
        TestDatabase database = TestDatabase.create();
        database.execute("create table notes (text text)");
        Transactions transactions = new Transactions(database.source());

        assertThatThrownBy(() -> transactions.inOneSession(() -> transactions.run("outer", outer -> {
                    outer.update(Sql.of("insert into notes values ('outer')"));
                    transactions.run("inner", inner -> inner.update(Sql.of("insert into notes values ('inner')")));
                    throw new IllegalStateException("given up");
                })))
                .hasMessage("given up");

        assertThat(database.queryLong("select count(*) from notes where text = 'inner'"))
                .isOne();
        assertThat(database.queryLong("select count(*) from notes where text = 'outer'"))
                .isZero();
    }

    /** Where the server can, it would take seconds for each batch: a whole table where an index is meant is made as dear as can be. */
    @Test
    void nothingIsCompiled() {
        TestDatabase database = TestDatabase.create();
        assertThat(database.queryLong("select count(*) from pg_settings where name = 'jit' and boot_val = 'on'"))
                .as("it is the server's default")
                .isOne();

        List<String> jit = new Transactions(database.source())
                .run(
                        "test",
                        session -> session.query(Sql.of("select current_setting('jit')"), row -> row.getString(1)));

        assertThat(jit).containsExactly("off");
    }

    /** Planned and parsed once, not in each transaction, and not in each of the first four: many runs have no more batches. */
    @Test
    void whatIsPreparedStaysPreparedFromOneTransactionToTheNext() {
        TestDatabase database = TestDatabase.create();
        assumeThat(database.queryLong("select current_setting('server_version_num')::int"))
                .as("pg_prepared_statements tells it")
                .isGreaterThanOrEqualTo(140_000);
        Transactions transactions = new Transactions(database.source());
        Sql counting = Sql.of("/* caretaker.test.counting */ select count(*) from pg_class where oid = ?", 1);
        List<Long> uses = new ArrayList<>();

        transactions.inOneSession(() -> {
            for (int i = 0; i < 20; i++) {
                transactions.run("test", session -> session.query(counting.plannedOnce(), row -> row.getLong(1)));
            }
            uses.addAll(transactions.run(
                    "test",
                    session -> session.query(
                            Sql.of(
                                    "select generic_plans from pg_prepared_statements where statement like '%test.counting%'"
                                            + " and statement not like '%pg_prepared_statements%'"),
                            row -> row.getLong(1))));
        });

        assertThat(uses).singleElement(InstanceOfAssertFactories.LONG).isGreaterThan(18);
    }

    /** What fails is logged with its causes; whose row it was, no log may say. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "insert into people values ('ada@example.com')",
                "update people set email = null",
                "select email::int from people",
                "do $$ begin raise exception 'not %', (select email from people); end $$",
                "do $$ begin perform no_such_function((select email from people)); end $$"
            })
    void aFailureSaysNothingOfARow(String statement) {
        TestDatabase database = TestDatabase.create();
        database.execute("create table people (email text primary key); insert into people values ('ada@example.com')");
        Transactions transactions = new Transactions(database.source());

        assertThatThrownBy(() -> transactions.run("test", session -> session.update(Sql.of(statement))))
                .isInstanceOf(DatabaseFailure.class)
                .satisfies(failure -> {
                    StringWriter log = new StringWriter();
                    failure.printStackTrace(new PrintWriter(log));
                    assertThat(log.toString())
                            .contains("SQL state", "Caused by", "org.postgresql")
                            .doesNotContain("ada@");
                });
    }

    /** As by a role whose statement_timeout is 1 ms: who reads of a deadline would look for one in Caretaker's settings. */
    @Test
    void whoWasCancelledBeforeTheDeadlineIsToldSo() {
        Transactions transactions = new Transactions(TestDatabase.create().source());

        assertThatThrownBy(() -> transactions.run("test", session -> {
                    session.update(Sql.of("select pg_cancel_backend(pg_backend_pid())"));
                    return session.update(Sql.of("select pg_sleep(60)"));
                }))
                .hasMessageStartingWith("test: cancelled before its deadline, by somebody, or by a statement_timeout");
        assertThatThrownBy(() -> transactions.run(
                        "test",
                        Duration.ofMillis(50),
                        Duration.ofMillis(50),
                        session -> session.update(Sql.of("select pg_sleep(60)"))))
                .hasMessage("test: cancelled by its deadline (SQL state 57014)");
    }

    /** The rest is read: the session answers what it is asked, and the rows are there. */
    @Test
    void whatCannotBeWrittenIsRolledBackAndTheSessionGoesOn() {
        TestDatabase database = TestDatabase.create();
        database.execute("create table letters as select n, md5(n::text) as text from generate_series(1, 50000) as n");
        Transactions transactions = new Transactions(database.source());
        OutputStream full = new OutputStream() {
            private int room = 100_000;

            @Override
            public void write(int b) throws IOException {
                if (room-- == 0) {
                    throw new IOException("no space left on device");
                }
            }
        };

        transactions.inOneSession(() -> {
            assertThatThrownBy(() -> transactions.run("test.copy", session -> {
                        try {
                            return session.copyOut(Sql.of("delete from letters as t returning t.n, t.text"), full);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("no space left")
                    .hasNoSuppressedExceptions();
            assertThat(transactions.<Long>run(
                            "test.count",
                            session -> session.first(
                                            Sql.of("/* test */ select count(*) from letters"), row -> row.getLong(1))
                                    .orElseThrow()))
                    .isEqualTo(50_000L);
        });
    }

    /** Before it, PostgreSQL 18 would not keep it in pg_stat_statements. */
    @Test
    void aStatementCarriesItsTagBehindItsFirstWord() {
        Transactions transactions = new Transactions(TestDatabase.create().source());

        String seen = transactions.run(
                "test",
                session -> session.first(Sql.of("""
                                /* caretaker.cleanup.test-tag */
                                select query
                                from pg_stat_activity
                                where pid = pg_backend_pid()
                                """), row -> row.getString(1)).orElseThrow());

        assertThat(seen).startsWith("select /* caretaker.cleanup.test-tag */ query");
    }

    @Test
    void aKeptSessionThatIsLostIsReplacedBeforeAnythingIsDoneInIt() {
        TestDatabase database = TestDatabase.create();
        Transactions transactions = new Transactions(database.source());
        Transactions.Work<Integer> pid =
                session -> session.first(Sql.of("select pg_backend_pid()"), row -> row.getInt(1))
                        .orElseThrow();

        transactions.inOneSession(() -> {
            int first = transactions.run("test", pid);
            assertThat(transactions.run("test", pid)).isEqualTo(first);
            database.execute("select pg_terminate_backend(" + first + ")");
            // PostgreSQL 13 does not wait for it.
            Awaitility.await()
                    .until(() -> database.queryLong("select count(*) from pg_stat_activity where pid = " + first) == 0);

            assertThat(transactions.run("test", pid)).isNotEqualTo(first);
        });
    }

    /** As after a machine that slept amid a transaction: what it was about is carried on, and did not fail. */
    @Test
    void aSessionThatIsEndedForItsIdlenessIsLost() {
        TestDatabase database = TestDatabase.create();
        Transactions transactions = new Transactions(database.source());

        assertThatThrownBy(() -> transactions.run("test", session -> {
                    int pid = session.first(
                                    Sql.of("select pg_backend_pid(),"
                                            + " set_config('idle_in_transaction_session_timeout', '1', true)"),
                                    row -> row.getInt(1))
                            .orElseThrow();
                    Awaitility.await()
                            .until(() -> database.queryLong("select count(*) from pg_stat_activity where pid = " + pid)
                                    == 0);
                    return session.update(Sql.of("select 1"));
                }))
                .isInstanceOfSatisfying(
                        DatabaseFailure.class,
                        failure -> assertThat(failure.isConnectionLoss()).isTrue());
    }

    @Test
    void settingsGoWithTheFirstStatementAndCountForNothing() {
        TestDatabase database = TestDatabase.create();
        database.execute("create table notes (text text)");
        Transactions transactions = new Transactions(database.source());

        int inserted = transactions.runLazily(
                "test", session -> session.update(Sql.of("insert into notes values ('a'), ('b')")));
        List<String> seen = transactions.runLazily(
                "test",
                session -> session.query(
                        Sql.of("select text, current_setting('synchronous_commit') from notes"),
                        row -> row.getString(1) + " " + row.getString(2)));

        assertThat(inserted).isEqualTo(2);
        assertThat(seen).containsExactly("a off", "b off");
    }

    /** The pool takes a server for lost that says nothing for a while: a count may take longer, and has a deadline of its own. */
    @Test
    void aStatementIsWaitedForAsLongAsItMayTake() throws Exception {
        Transactions transactions = new Transactions(source(1));

        boolean answered = transactions.run(
                "test",
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                session ->
                        session.first(Sql.of("select pg_sleep(2)"), row -> true).orElse(false));

        assertThat(answered).isTrue();
    }

    @Test
    void onlyTheTransactionOfALongStatementWaitsForLonger() throws Exception {
        Transactions transactions = new Transactions(source(60));
        List<Integer> waited = new ArrayList<>();
        Transactions.Work<Boolean> look =
                session -> waited.add(session.connection().getNetworkTimeout());

        transactions.inOneSession(() -> {
            transactions.run("test", Duration.ofMinutes(5), Duration.ofSeconds(1), look);
            transactions.run("test", look);
            transactions.run("test", session -> {
                session.deadline(Duration.ofMinutes(45));
                return look.run(session);
            });
            transactions.run("test", look);
        });

        assertThat(waited).containsExactly(310_000, 60_000, 2_710_000, 60_000);
    }

    private static DataSource source(int socketTimeout) throws SQLException {
        DatabaseUrl url = DatabaseUrl.parse(TestDatabase.create().url());
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(url.jdbcUrl());
        source.setUser(url.username());
        source.setPassword(url.password());
        source.setSocketTimeout(socketTimeout);
        return source;
    }

    /** Whoever is told that a row came back, or is held, or that all is stopped, is told so for good. */
    @ParameterizedTest
    @CsvSource({"off, on", "local, local", "on, on"})
    void whatIsWaitedForIsOnDiskWhateverTheDatabaseIsSetTo(String setting, String counts) {
        TestDatabase database = TestDatabase.create();
        database.execute("do $$ begin execute format('alter database %I set synchronous_commit = " + setting
                + "', current_database()); end $$");

        String seen = new Transactions(database.source())
                .run(
                        "test",
                        session -> session.first(
                                        Sql.of("select current_setting('synchronous_commit')"), row -> row.getString(1))
                                .orElseThrow());

        assertThat(seen).isEqualTo(counts);
    }
}
