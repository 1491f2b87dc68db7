package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A migration adds a foreign key while a run is under way: a table of logs, or of logs with their lines. */
class NewKeysDbTest extends CleanupDbTest {

    private final ExecutorService threads = Executors.newSingleThreadExecutor();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

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
}
