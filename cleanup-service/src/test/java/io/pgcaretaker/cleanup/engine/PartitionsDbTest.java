package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.PartitionRepository;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.plan.PartitionCensus;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.statement.PartitionStatements;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole partitions: which go, which stay, and what a crash, a lock or a hold in between makes of it. */
class PartitionsDbTest extends CleanupDbTest {

    /** 300 rows in logs_1 and 200 in logs_2, all expired; logs_3 straddles the cutoff and has 100, half of them expired. */
    @BeforeEach
    void makeLogs() {
        database.execute(
                "create table logs (id bigint, at timestamptz, text text, primary key (at, id)) partition by range (at)");
        database.execute("""
                do $$
                begin
                  execute format('create table logs_1 partition of logs for values from (minvalue) to (%L)', current_date - 60);
                  execute format('create table logs_2 partition of logs for values from (%L) to (%L)', current_date - 60, current_date - 30);
                  execute format('create table logs_3 partition of logs for values from (%L) to (%L)', current_date - 30, current_date + 30);
                end
                $$
                """);
        database.execute("insert into logs select n, case when n <= 300 then now() - interval '70 days'"
                + " when n <= 500 then now() - interval '40 days' when n <= 550 then now() - interval '20 days'"
                + " else now() end from generate_series(1, 600) as n");
        database.execute("analyze logs");
    }

    private TestWorker worker(long maxRows) {
        return new TestWorker(database, policy("logs").limits(maxRows, 1).settings(Map.of("lock-timeout", "20ms")));
    }

    private static TestPolicy policy(String table) {
        return TestPolicy.of("old-logs", table, "P10D").with("action", "drop-partitions");
    }

    /** The partitions that are there, and the tables that were some. */
    private String partitions() throws SQLException {
        return text(
                "select string_agg(c.relname || case when i.inhrelid is null then ' detached'"
                        + " when coalesce((to_jsonb(i) ->> 'inhdetachpending')::boolean, false) then ' pending' else '' end, ', ' order by c.relname)"
                        + " from pg_class c left join pg_inherits i on i.inhrelid = c.oid where c.relname like 'logs\\__' and c.relkind in ('r', 'p')");
    }

    @Test
    void whatLiesWhollyBeforeTheCutoffGoesAndTheOthersStay() throws Exception {
        UUID id = worker(5000).runNow("old-logs");

        assertThat(run(id, "state || ' ' || strategy || ' ' || rows_matched || ' ' || rows_deleted || ' ' || batches"))
                .isEqualTo("completed partitions 500 500 2");
        assertThat(partitions()).isEqualTo("logs_3");
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(100);
        assertThat(text("select string_agg(counts || ' ' || rows, ', ' order by seq) from caretaker.cleanup_ledger"))
                .isEqualTo("{\"public.logs\":300} 300, {\"public.logs\":200} 200");
        assertThat(text("select string_agg(partition_table || ' ' || state || ' ' || rows, ', ' order by id)"
                        + " from caretaker.cleanup_partition"))
                .isEqualTo("logs_1 dropped 300, logs_2 dropped 200");

        UUID again = worker(5000).runNow("old-logs");

        assertThat(run(again, "state || ' ' || rows_matched || ' ' || rows_deleted"))
                .isEqualTo("completed 0 0");
    }

    @Test
    void aDefaultPartitionStaysAndTheOthersAreDetachedAllTheSame() throws Exception {
        database.execute("create table logs_4 partition of logs default");
        database.execute("insert into logs values (9001, now() + interval '90 days')");

        UUID id = worker(5000).runNow("old-logs");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 500");
        assertThat(partitions()).isEqualTo("logs_3, logs_4");
    }

    @Test
    void theBreakerCountsBeforeTheFirstPartition() throws Exception {
        UUID id = worker(499).runNow("old-logs");

        assertThat(run(id, "state || ' ' || stop_reason")).isEqualTo("needs-approval breaker-rows");
        assertThat(partitions()).isEqualTo("logs_1, logs_2, logs_3");
    }

    /** Five hundred rows were counted. The run waits, and somebody puts a thousand more where the oldest are. */
    @Test
    void whatComesIntoAPartitionLaterIsNotLetThroughByWhatWasCounted() throws Exception {
        TestWorker stopping = worker(600);
        UUID id = stopping.begin("old-logs");
        Claimed claimed = stopping.claim(Duration.ofSeconds(60)).orElseThrow();
        stopping.stop.stop();
        stopping.engine().execute(claimed);
        assertThat(run(id, "breaker_passed_at is not null")).isEqualTo("t");
        database.execute("insert into logs select n, now() - interval '80 days' from generate_series(1001, 2000) as n");

        TestWorker next = worker(600);
        next.worker.work();

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted"))
                .isEqualTo("needs-approval breaker-rows 0");
        assertThat(partitions()).isEqualTo("logs_1, logs_2, logs_3");

        next.requests.approve(id, 1500, "boss");
        next.worker.work();
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 1500");
    }

    @Test
    void aPartitionThatOthersUseStaysAndIsNamed() throws Exception {
        database.execute("create view oldest as select * from logs_1");
        TestWorker worker = worker(5000);

        UUID id = worker.runNow("old-logs");

        assertThat(run(id, "state || ' ' || rows_deleted || ' ' || strategy_reason"))
                .isEqualTo("completed 200 1 of 3 partitions lie wholly before the cutoff and are dropped;"
                        + " public.logs_1 stays, it is used by a view");
        assertThat(partitions()).isEqualTo("logs_1, logs_3");
    }

    /** A drop would fail when the partition is detached already. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "create function of_oldest(logs_1) returns bigint language sql as 'select 1::bigint'",
                "create table copies (id bigint, log logs_1)",
                "create table copies (id bigint, logs logs_1[])",
                "create table pages (id bigint); create policy visible on pages using (id in (select l.id from logs_1 l))"
            })
    void aPartitionThatSomethingElseNeedsStaysAndIsNamed(String need) throws Exception {
        database.execute(need);

        UUID id = worker(5000).runNow("old-logs");

        assertThat(run(id, "state || ' ' || rows_deleted || ' ' || strategy_reason"))
                .startsWith("completed 200 1 of 3 partitions lie wholly before the cutoff and are dropped;"
                        + " public.logs_1 stays, it is used by ");
        assertThat(partitions()).isEqualTo("logs_1, logs_3");
    }

    /** What belongs to the partition itself goes with it. */
    @Test
    void whatIsThePartitionsOwnIsInNobodysWay() throws Exception {
        database.execute("alter table logs add shout text generated always as (upper(text)) stored");
        database.execute("alter table logs_1 add constraint short check (length(text) < 9000);"
                + " create index on logs_1 (lower(text)) where id > 0; create statistics logs_1_stats on id, text from logs_1;"
                + " create policy visible on logs_1 using (id in (select l.id from logs_1 l))");

        UUID id = worker(5000).runNow("old-logs");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 500");
    }

    /** Nobody can foresee what an event trigger says: the partition is put back, and the others go. */
    @Test
    void aPartitionThatCannotBeDroppedIsPutBack() throws Exception {
        database.execute("""
                create function no_drop() returns event_trigger language plpgsql as $$
                begin
                  if exists (select 1 from pg_event_trigger_dropped_objects() where object_name = 'logs_1') then
                    raise exception 'nobody drops';
                  end if;
                end $$;
                create event trigger no_drop on sql_drop execute function no_drop();
                """);

        UUID id = worker(5000).runNow("old-logs");

        assertThat(partitions()).isEqualTo("logs_1, logs_3");
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(400);
        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || ' ' || stop_detail"))
                .isEqualTo("failed database-error 200 public.logs_1 cannot be dropped (cleanup.batch: SQL state P0001),"
                        + " and is a partition as before");
        assertThat(text("select string_agg(partition_table || ' ' || state, ', ' order by id)"
                        + " from caretaker.cleanup_partition"))
                .isEqualTo("logs_1 kept, logs_2 dropped");
    }

    /** Whoever set the kill switch, or cancelled the run, was answered: nothing disappears any more. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "update caretaker.cleanup_switch set stopped = true",
                "update caretaker.cleanup_run set state = 'paused', fence = fence + 1"
            })
    void nothingIsDetachedOnceTheRunIsToStop(String stop) throws Exception {
        TestWorker worker =
                new TestWorker(database, policy("logs").limits(5000, 1).settings(Map.of("lock-timeout", "1s")));
        try (OpenTransaction application =
                OpenTransaction.begin(database, "lock table logs in share update exclusive mode")) {
            CompletableFuture<UUID> run = CompletableFuture.supplyAsync(() -> worker.runNow("old-logs"));
            awaitSession("wait_event_type = 'Lock' and query like '%caretaker.cleanup.detach%'");
            database.execute(stop);
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> database.queryLong("select count(*) from pg_stat_activity where datname ="
                                    + " current_database() and wait_event_type = 'Lock'")
                            == 0);
            application.rollback();

            UUID id = run.get(60, TimeUnit.SECONDS);
            assertThat(run(id, "rows_deleted")).isEqualTo("0");
        }
        assertThat(partitions()).isEqualTo("logs_1, logs_2, logs_3");
    }

    @Test
    void theKillSwitchIsSaid() throws Exception {
        TestWorker worker = worker(5000);
        UUID id = worker.begin("old-logs");
        Claimed claimed = worker.claim(Duration.ofMinutes(1)).orElseThrow();
        database.execute("update caretaker.cleanup_switch set stopped = true");

        worker.engine().execute(claimed);

        assertThat(run(id, "state || ' ' || rows_deleted || ' ' || throttle")).isEqualTo("running 0 kill-switch");
        assertThat(partitions()).isEqualTo("logs_1, logs_2, logs_3");
    }

    @Test
    void aHeldRowKeepsItsPartitionUntilTheHoldIsReleased() throws Exception {
        hold(7);

        UUID id = worker(5000).runNow("old-logs");

        assertThat(run(id, "rows_deleted || ' ' || stop_detail"))
                .isEqualTo("200 public.logs_1 holds rows under a legal hold, and stays");
        assertThat(partitions()).isEqualTo("logs_1, logs_3");

        database.execute("update caretaker.legal_hold set released_at = now()");
        UUID next = worker(5000).runNow("old-logs");

        assertThat(run(next, "rows_deleted || coalesce(stop_detail, '')")).isEqualTo("300");
        assertThat(partitions()).isEqualTo("logs_3");
    }

    /** To read the whole of a partition for each hold would take longer than any statement may: none would ever go. */
    @Test
    void heldRowsAreLookedUpByTheirKey() throws Exception {
        database.execute(
                "insert into logs select n, now() - interval '70 days' from generate_series(1001, 20000) as n");
        database.execute("analyze logs");
        hold(7);
        TestWorker worker = worker(50_000);
        Readiness.Armed armed = (Readiness.Armed) worker.check("old-logs");
        Sql held = new PartitionStatements(armed.policy(), Instant.now()).held(new TableName("public", "logs_1"));

        List<String> plan = worker.transactions.run(
                "test.explain",
                session -> session.query(new Sql("explain " + held.text(), held.values()), row -> row.getString(1)));

        assertThat(plan).noneMatch(line -> line.contains("Seq Scan on logs_1"));
    }

    private void hold(int row) throws SQLException {
        hold("old-logs", "logs", text("select jsonb_build_array(at::text, id::text) from logs where id = " + row));
    }

    @Test
    void aRowWithoutAnEndPutsItsPartitionBack() throws Exception {
        database.execute("insert into logs values (9001, '-infinity')");

        UUID id = worker(5000).runNow("old-logs");

        assertThat(run(id, "rows_deleted || ' ' || rows_skipped || ' ' || stop_detail"))
                .isEqualTo("200 301 public.logs_1 holds rows that must stay, and stays");
        assertThat(partitions()).isEqualTo("logs_1, logs_3");
        assertThat(database.queryLong("select count(*) from logs")).isEqualTo(401);
    }

    private void sayTaken(UUID id) {
        database.execute(
                "insert into caretaker.cleanup_partition (run_id, policy, parent_schema, parent_table, partition_schema,"
                        + " partition_table, partition_oid, bound) select '" + id
                        + "', 'old-logs', 'public', 'logs', 'public',"
                        + " relname, oid, pg_get_expr(relpartbound, oid) from pg_class where relname = 'logs_1'");
    }

    /** No run comes back to it: the statement that the service's log has puts it back. */
    @Test
    void whatACrashLeavesOfAPolicyThatIsGoneIsTold() throws Exception {
        TestWorker worker = worker(5000);
        sayTaken(worker.begin("old-logs"));
        assertThat(leftDetached(worker, List.of())).as("still a partition").isEmpty();
        database.execute("alter table logs detach partition logs_1");

        assertThat(leftDetached(worker, List.of("old-logs")))
                .as("the next run's")
                .isEmpty();
        PartitionRepository.LeftDetached left = leftDetached(worker, List.of()).get(0);
        assertThat(left.policy() + " " + left.partition()).isEqualTo("old-logs public.logs_1");
        database.execute(left.attach());
        assertThat(partitions()).isEqualTo("logs_1, logs_2, logs_3");
    }

    @Test
    void whatACrashLeavesOfAPolicyThatIsInShadowModeByThenIsTold() {
        TestWorker worker = worker(5000);
        sayTaken(worker.begin("old-logs"));
        database.execute("alter table logs detach partition logs_1");
        TestWorker shadow =
                new TestWorker(database, policy("logs").with("mode", "shadow").settings());

        assertThat(leftDetached(worker, PartitionCensus.dropping(worker.policies)))
                .as("the next run's")
                .isEmpty();
        assertThat(leftDetached(shadow, PartitionCensus.dropping(shadow.policies)))
                .hasSize(1);
    }

    private static List<PartitionRepository.LeftDetached> leftDetached(TestWorker worker, List<String> policies) {
        return worker.transactions.run(
                "test.left", session -> new PartitionRepository().leftDetached(session, policies));
    }

    /** As one of a hundred gigabytes; here what takes so long is a reader. Each run would say that the next one goes on. */
    @Test
    void onePartitionThatIsNotCountedInTimeIsNoSuccess() throws Exception {
        TestWorker worker = new TestWorker(
                database, policy("logs").limits(5000, 1).settings(Map.of("lock-timeout", "1h", "lease", "1s")));
        UUID id = worker.begin("old-logs");
        sayTaken(id);
        database.execute("alter table logs detach partition logs_1");
        try (OpenTransaction reader = OpenTransaction.begin(database, "select from logs_1")) {
            worker.worker.work();
            reader.rollback();
        }

        assertThat(run(id, "state || ' ' || stop_reason")).isEqualTo("failed database-error");
        assertThat(run(id, "stop_detail"))
                .contains("public.logs_1 cannot be dropped", "caretaker.cleanup.lease: make that longer");
        assertThat(run(worker.runNow("old-logs"), "state")).isEqualTo("completed");
        assertThat(partitions()).isEqualTo("logs_3");
    }

    /** Each point at which kill -9 can strike; the next owner of the run ends what was begun. */
    @ParameterizedTest
    @CsvSource({"taken", "pending", "detached", "held", "dropped", "another", "elsewhere"})
    void whatACrashLeavesIsEndedByTheNext(String when) throws Exception {
        TestWorker worker = worker(5000);
        UUID id = worker.begin("old-logs");
        assertThat(worker.claim(Duration.ofMillis(-1))).isPresent();
        sayTaken(id);
        if (when.equals("held")) {
            hold(7);
        }
        if (when.equals("pending")) {
            assumeNotPostgres13();
            leavePending();
        } else if (!when.equals("taken")) {
            database.execute("alter table logs detach partition logs_1");
        }
        if (when.equals("dropped") || when.equals("another")) {
            database.execute("drop table logs_1");
        }
        if (when.equals("another")) {
            database.execute("create table logs_1 (id int)");
        }
        if (when.equals("elsewhere")) {
            database.execute("create table kept (like logs) partition by range (at);"
                    + " alter table kept attach partition logs_1 for values from (minvalue) to (now())");
        }

        worker.worker.work();

        assertThat(run(id, "state")).isEqualTo("completed");
        assertThat(partitions())
                .isEqualTo(
                        switch (when) {
                            case "held", "elsewhere" -> "logs_1, logs_3";
                            case "another" -> "logs_1 detached, logs_3";
                            default -> "logs_3";
                        });
        assertThat(text("select state from caretaker.cleanup_partition where partition_table = 'logs_1'"))
                .isEqualTo(
                        switch (when) {
                            case "held" -> "kept";
                            case "dropped", "another", "elsewhere" -> "gone";
                            default -> "dropped";
                        });
        assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(when.equals("taken") || when.equals("pending") || when.equals("detached") ? 500 : 200);
    }

    /** Restored from a dump it has another oid, and no run would come back to it: nobody would see its rows any more. */
    @Test
    void aDetachedPartitionThatWasRestoredIsToldUntilItIsPutBack() throws Exception {
        TestWorker worker = worker(5000);
        sayTaken(worker.begin("old-logs"));
        database.execute("alter table logs detach partition logs_1;"
                + " create table restored (like logs_1 including all); insert into restored select * from logs_1;"
                + " drop table logs_1; alter table restored rename to logs_1");

        worker.worker.work();

        String detail = text("select stop_detail from caretaker.cleanup_run");
        assertThat(detail).contains("public.logs_1 was detached to be dropped", "nobody sees its rows");
        assertThat(partitions()).isEqualTo("logs_1 detached, logs_3");
        database.execute(detail.replaceFirst("(?s).*[(](alter table .*)[)], or drop it.*", "$1"));
        worker.runNow("old-logs");
        assertThat(partitions()).isEqualTo("logs_3");
        assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(500);
        assertThat(texts("select state from caretaker.cleanup_partition")).containsExactly("dropped", "gone");
    }

    private void leavePending() throws SQLException {
        try (Connection reader = database.connect();
                Statement reading = reader.createStatement();
                Connection killed = database.connect();
                Statement detaching = killed.createStatement()) {
            reader.setAutoCommit(false);
            reading.execute("select count(*) from logs");
            detaching.execute("set lock_timeout = '20ms'");
            assertThatThrownBy(() -> detaching.execute("alter table logs detach partition logs_1 concurrently"))
                    .hasMessageContaining("lock timeout");
        }
    }

    @Test
    void whoReadsThePartitionDelaysItAndTheNextRunEndsIt() throws Exception {
        assumeNotPostgres13();
        try (OpenTransaction reader = OpenTransaction.begin(database, "select count(*) from logs")) {
            UUID id = worker(5000).runNow("old-logs");

            assertThat(run(id, "state || ' ' || rows_deleted || ' ' || stop_detail"))
                    .startsWith("completed 0 public.logs_1 is in use");
            assertThat(partitions()).startsWith("logs_1 pending");
            reader.rollback();
        }
        UUID next = worker(5000).runNow("old-logs");

        assertThat(run(next, "state || ' ' || rows_deleted")).isEqualTo("completed 500");
        assertThat(partitions()).isEqualTo("logs_3");
    }

    @Test
    void whatCannotBeProvenIsRefusedWithTheReason() throws Exception {
        database.execute("""
                create table by_list (at timestamptz, id bigint) partition by list (id);
                create table by_two (at timestamptz, id bigint) partition by range (at, id);
                create table by_day (at timestamptz, id bigint) partition by range (date_trunc('day', at at time zone 'UTC'));
                create table plain (at timestamptz, id bigint);
                create table parent (at timestamptz primary key) partition by range (at);
                create table child (at timestamptz references parent)
                """);

        assertThat(refusal("by_list")).contains("is not partitioned by range of at alone");
        assertThat(refusal("by_two")).contains("is not partitioned by range of at alone");
        assertThat(refusal("by_day")).contains("is not partitioned by range of at alone");
        assertThat(refusal("plain")).contains("is not partitioned, it has no partitions to drop");
        assertThat(refusal("parent")).contains("whose partitions can then not be dropped");
    }

    private String refusal(String table) throws Exception {
        return new TestWorker(database, policy(table).settings())
                .check("old-logs")
                .reasons()
                .toString();
    }

    /** It was placed through another policy, which goes by a key of its own. */
    @Test
    void whereNoRowCanBeNamedAHoldKeepsThemAll() throws Exception {
        database.execute("alter table logs drop constraint logs_pkey");
        hold("others", "logs", "[\"7\"]");

        UUID id = worker(5000).runNow("old-logs");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 0");
        assertThat(partitions()).isEqualTo("logs_1, logs_2, logs_3");
    }
}
