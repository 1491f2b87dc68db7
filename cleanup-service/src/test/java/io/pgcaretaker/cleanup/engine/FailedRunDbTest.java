package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.run.RunClosing;
import io.pgcaretaker.cleanup.run.RunRepository;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that fails on its way: 2,000 old logs, of which a trigger keeps the last but ten. */
class FailedRunDbTest extends CleanupDbTest {

    private static final String LAST_BUT_TEN = "1990";

    @BeforeEach
    void make() throws Exception {
        database.execute("""
                create table logs (id bigint primary key, at timestamptz);
                insert into logs select n, now() - interval '2 days' + n * interval '1 millisecond' from generate_series(1, 2000) as n;
                create index logs_at on logs (at, id);
                create function keep() returns trigger language plpgsql as $$
                begin
                  if old.id = THE_ROW then
                    perform pg_sleep(0.4);
                    raise exception 'log % stays', old.id;
                  end if;
                  return old;
                end $$;
                create trigger keep before delete on logs for each row execute function keep();
                analyze
                """.replace("THE_ROW", LAST_BUT_TEN));
    }

    private UUID runNow() {
        return new TestWorker(
                        database,
                        Logs.POLICY.with("nice", "0").with("triggers", "[keep]").settings())
                .runNow("old-logs");
    }

    /** It was in the application's way as long as one that commits. */
    @Test
    void howLongTheTransactionThatFailedWasOpenIsKept() throws Exception {
        UUID id = runNow();

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || (longest_batch_ms between 400 and 5000)"))
                .isEqualTo("failed database-error true");
    }

    @Test
    void whatWasCommittedBeforeStandsInTheRunAndInTheLedger() throws Exception {
        UUID id = runNow();

        long gone = 2_000 - database.queryLong("select count(*) from logs");
        assertThat(gone).isBetween(100L, 1_989L);
        assertThat(run(id, "rows_deleted")).isEqualTo(Long.toString(gone));
        assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(gone);
        assertThat(run(id, "stop_detail")).as("no value of a row").doesNotContain(LAST_BUT_TEN);
    }

    /** Names and no values: an operator need not look for it in PostgreSQL's log. */
    @Test
    void whatPostgresqlSaysOfAMissingFunctionIsTold() throws Exception {
        database.execute("create or replace function keep() returns trigger language plpgsql as"
                + " 'begin perform no_such_function(old.id); return old; end'");

        UUID id = runNow();

        assertThat(run(id, "stop_reason || ': ' || stop_detail"))
                .isEqualTo("database-error: cleanup.batch: SQL state 42883: function no_such_function(bigint) does not"
                        + " exist");
    }

    /** A trigger may give its words any state, and put what it likes into them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "raise exception 'victim % stays', old.id using errcode = '42501'",
                "raise exception 'stays' using errcode = '55000', table = 'victim', constraint = 'victim'",
                "raise exception 'victim' using errcode = 'XX000'",
                "execute 'select victim' || old.id",
                "execute 'select * from victim' || old.id"
            })
    void whatATriggerSaysOfItsRowIsNotTold(String statement) throws Exception {
        database.execute("create or replace function keep() returns trigger language plpgsql as $$ begin " + statement
                + "; return old; end $$");

        UUID id = runNow();

        assertThat(run(id, "state || ' ' || stop_detail"))
                .startsWith("failed cleanup.batch: SQL state ")
                .doesNotContain("victim");
    }

    /** A row whose lines would be gone: it cannot be passed over as one that has none. */
    @Test
    void aRowThatATriggerKeepsKeepsWhatDependsOnIt() throws Exception {
        database.execute("""
                create table lines (log bigint primary key references logs on delete cascade);
                insert into lines select id from logs;
                create or replace function keep() returns trigger language plpgsql as $$
                begin return case when old.id = THE_ROW then null else old end; end $$;
                """.replace("THE_ROW", LAST_BUT_TEN));

        UUID id = runNow();

        assertThat(run(id, "state || ' ' || stop_reason || ': ' || stop_detail"))
                .startsWith("failed rows-kept: a trigger or a rule of public.logs kept 1 of ");
        assertThat(database.queryLong("select count(*) from logs l join lines on lines.log = l.id"))
                .isEqualTo(database.queryLong("select count(*) from lines"))
                .isEqualTo(database.queryLong("select count(*) from logs"))
                .isBetween(11L, 1_900L);
    }

    /** What the engine and the end of a run say, each with the mark of a trace. */
    /** What is logged by this thread, in which the worker works: others' tests have runs at the same time. */
    private static List<String> said(Executable work) throws Exception {
        List<String> said = new CopyOnWriteArrayList<>();
        Thread own = Thread.currentThread();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                if (Thread.currentThread() == own && line.getLevel().intValue() >= Level.INFO.intValue()) {
                    said.add((line.getThrown() == null ? "" : "traced: ") + new SimpleFormatter().formatMessage(line));
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        List<Logger> loggers = List.of(
                Logger.getLogger(Engine.class.getName()),
                Logger.getLogger(RunClosing.class.getName()),
                Logger.getLogger(RunRepository.class.getName()));
        loggers.forEach(logger -> logger.addHandler(handler));
        try {
            work.run();
        } finally {
            loggers.forEach(logger -> logger.removeHandler(handler));
        }
        return said;
    }

    private interface Executable {
        void run() throws Exception;
    }

    /** A policy of a minute would fill the log with traces. */
    @Test
    void aPolicyThatFailsAtEachRunSaysWhyInOneLineEachTime() throws Exception {
        TestWorker worker =
                new TestWorker(database, Logs.POLICY.with("triggers", "[keep]").settings());
        database.execute("create or replace function keep() returns trigger language plpgsql as"
                + " $$ begin raise exception 'victim'; end $$");

        List<String> said = said(() -> {
            worker.runNow("old-logs");
            worker.runNow("old-logs");
            worker.runNow("old-logs");
        });

        assertThat(said)
                .hasSize(3)
                .allSatisfy(line -> assertThat(line)
                        .startsWith("run ended policy=old-logs ")
                        .contains("reason=database-error")
                        .endsWith(
                                "detail=cleanup.batch: SQL state P0001; a trigger of a table that the policy changes, or another"
                                        + " function of the database, refuses it by raise: its words, which may hold a row's values, are in"
                                        + " PostgreSQL's log"));
    }

    @Test
    void anErrorOfOurOwnIsTracedOnce() throws Exception {
        TestWorker worker =
                new TestWorker(database, Logs.POLICY.with("triggers", "[keep]").settings());

        List<String> said = said(() -> {
            for (int i = 0; i < 3; i++) {
                UUID id = worker.begin("old-logs");
                database.execute("update caretaker.cleanup_run set tables = '{\"x\":\"y\"}' where id = '" + id + "'");
                worker.worker.work();
            }
        });

        assertThat(said)
                .filteredOn(line -> line.startsWith("traced: run failed policy=old-logs"))
                .hasSize(1);
        assertThat(said)
                .filteredOn(line -> line.contains("reason=internal-error"))
                .hasSize(3);
        assertThat(said).hasSize(4);
    }

    /** Its row is as it would be had the first worker carried it to the end. */
    @Test
    void whoTakesARunOverSaysSo() throws Exception {
        TestWorker worker =
                new TestWorker(database, Logs.POLICY.with("triggers", "[keep]").settings());
        UUID id = worker.begin("old-logs");

        List<String> first = said(() -> worker.claim(Duration.ofMillis(-1)));
        List<String> second = said(() -> worker.claim(Duration.ofMinutes(1)));

        assertThat(first).as("nobody had carried it").isEmpty();
        assertThat(second)
                .singleElement()
                .asString()
                .startsWith("run taken over ")
                .endsWith("policy=old-logs run=" + id);
    }
}
