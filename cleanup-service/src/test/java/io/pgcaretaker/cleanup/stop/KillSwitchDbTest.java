package io.pgcaretaker.cleanup.stop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.database.Transactions;
import java.util.concurrent.CompletableFuture;
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
}
