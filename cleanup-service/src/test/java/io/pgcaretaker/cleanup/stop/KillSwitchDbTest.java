package io.pgcaretaker.cleanup.stop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.run.RunOpening;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KillSwitchDbTest extends CleanupDbTest {

    @Test
    void whoStopsIsAnsweredWhenNothingGoesAnyMore() throws Exception {
        database.execute("""
                insert into caretaker.cleanup_run (policy, policy_hash, mode, trigger, slot, requested_by, state)
                values ('logs', repeat('0', 64), 'enforce', 'manual', now(), 'test', 'running')
                """);
        KillSwitchResource resource = new KillSwitchResource(new Transactions(database.source()));
        CompletableFuture<KillSwitchResource.SwitchView> answer;
        try (OpenTransaction batch =
                OpenTransaction.begin(database, "select 1 from caretaker.cleanup_run for update")) {
            answer = CompletableFuture.supplyAsync(() -> resource.stopped("why", "test"));
            awaitSession("wait_event_type = 'Lock' and query like '%switch-wait%'");
            assertThat(database.queryLong("select count(*) from caretaker.cleanup_switch where stopped"))
                    .as("the next batch sees it already")
                    .isOne();
            assertThat(answer).isNotDone();
            batch.commit();
        }
        assertThat(answer.get().stopped()).isTrue();
    }

    /** Whoever begins one then, or wonders why a slot's does not begin, looks at the run. */
    @Test
    void aRunThatIsOpenedMeanwhileSaysWhatKeepsItBack() throws Exception {
        database.execute("create table logs (id bigint primary key, at timestamptz); create index on logs (at, id)");
        TestWorker worker = new TestWorker(
                database, TestPolicy.of("old-logs", "logs", "P10D").settings());
        KillSwitchResource resource = new KillSwitchResource(new Transactions(database.source()));
        resource.stopped("why", "test");

        UUID id = worker.runNow("old-logs");

        assertThat(run(id, "state || ' ' || throttle")).isEqualTo("waiting kill-switch");
        database.execute("update caretaker.cleanup_run set state = 'cancelled', finished_at = now()");
        worker.transactions.run("test.open", session -> new RunOpening().openSlot(session, worker.policy("old-logs")));
        assertThat(texts("select state || ' ' || throttle from caretaker.cleanup_run where trigger = 'schedule'"))
                .containsExactly("waiting kill-switch");
        resource.change(false, "", "test");
    }

    /** Who reads "stopped" looks at the rows then: one that may still go must be told of. */
    @Test
    void aBatchThatTakesLongerIsToldOf() throws Exception {
        database.execute("""
                insert into caretaker.cleanup_run (policy, policy_hash, mode, trigger, slot, requested_by, state)
                values ('logs', repeat('0', 64), 'enforce', 'manual', now(), 'test', 'running')
                """);
        KillSwitchResource resource = new KillSwitchResource(new Transactions(database.source()));
        try (OpenTransaction batch =
                OpenTransaction.begin(database, "select 1 from caretaker.cleanup_run for update")) {
            assertThat(resource.stopped("why", "test").batchUnderWay()).isTrue();
            batch.rollback();
        }
        assertThat(resource.stopped("why", "test").batchUnderWay()).isNull();
    }

    /** A partition that has been detached is not seen through its table any more: for whoever looks there, its rows are gone. */
    @Test
    void soIsWhoStopsWhileAPartitionIsDetached() throws Exception {
        database.execute("""
                create table logs (id bigint, at timestamptz, primary key (at, id)) partition by range (at);
                create table logs_1 partition of logs for values from (minvalue) to ('2020-01-01');
                insert into logs select n, '2019-01-01' from generate_series(1, 500) as n;
                analyze logs
                """);
        TestWorker worker = new TestWorker(
                database,
                TestPolicy.of("old-logs", "logs", "P10D")
                        .with("action", "drop-partitions")
                        .settings(Map.of("lock-timeout", "60s", "statement-timeout", "60s")));
        KillSwitchResource resource = new KillSwitchResource(new Transactions(database.source()));
        CompletableFuture<UUID> run;
        try (OpenTransaction application =
                OpenTransaction.begin(database, "lock table logs in share update exclusive mode")) {
            run = CompletableFuture.supplyAsync(() -> worker.runNow("old-logs"));
            awaitSession("wait_event_type = 'Lock' and query like '%caretaker.cleanup.detach%'");

            assertThat(resource.stopped("why", "test").batchUnderWay()).isTrue();

            application.rollback();
        }
        run.get(60, TimeUnit.SECONDS);
        assertThat(resource.stopped("why", "test").batchUnderWay()).isNull();
        assertThat(database.queryLong("select count(*) from logs_1")).isEqualTo(500);
    }
}
