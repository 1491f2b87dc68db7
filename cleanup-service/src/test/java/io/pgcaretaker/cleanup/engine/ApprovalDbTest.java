package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunRequests;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What waits until somebody has said yes to it, and when a yes comes too late. */
class ApprovalDbTest extends CleanupDbTest {

    private final Items items = new Items(database);

    @Test
    void aShorterRetentionWaitsUntilSomebodyConfirmsIt() throws Exception {
        TestWorker shorter = shortened();
        UUID id = shorter.runNow("old-items");
        assertThat(run(id, "state || ' ' || stop_reason || ' ' || stop_detail"))
                .startsWith("needs-approval retention-shortened the retention was P7D and is P2D");
        assertThat(items.count()).isEqualTo(10);

        shorter.requests.approve(id, 10, "boss");
        shorter.worker.work();
        assertThat(run(id, "state")).isEqualTo("completed");
        items.addExpired(10);
        assertThat(run(shorter.runNow("old-items"), "state"))
                .as("it is the retention now")
                .isEqualTo("completed");
        items.addExpired(10);
        assertThat(run(items.worker("P8D").runNow("old-items"), "state"))
                .as("longer is no harm")
                .isEqualTo("completed");
    }

    /** Two replicas, one of which has the policy of before: too many rows there, and meanwhile the new one keeps them. */
    @Test
    void nobodyApprovesARunOfAPolicyThatAnotherVersionHasFollowed() throws Exception {
        items.addExpired(10);
        TestWorker before =
                new TestWorker(database, Items.policy("P2D").limits(5, 1).settings());
        UUID id = before.runNow("old-items");
        assertThat(run(id, "stop_reason")).isEqualTo("breaker-rows");

        assertThat(run(items.worker("P30D").runNow("old-items"), "state")).isEqualTo("completed");

        assertThat(before.requests.approve(id, 10, "boss")).isEqualTo(new RunRequests.Outcome.WrongState("cancelled"));
        before.worker.work();
        assertThat(run(id, "state || ' ' || stop_reason")).isEqualTo("cancelled superseded");
        assertThat(items.count()).isEqualTo(10);
    }

    /** A policy that is renamed has run never: what the one of before kept is what counts. */
    @Test
    void aShorterRetentionUnderAnotherNameWaitsToo() throws Exception {
        shortened();
        TestWorker renamed = new TestWorker(
                database, TestPolicy.of("elder-items", "items", "P2D").settings());

        UUID id = renamed.runNow("elder-items");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || stop_detail"))
                .startsWith("needs-approval retention-shortened the retention was P7D in the policy old-items of this"
                        + " table, which is no more, and is P2D");
        renamed.requests.approve(id, 10, "boss");
        renamed.worker.work();
        assertThat(run(id, "state")).isEqualTo("completed");
        items.addExpired(10);
        assertThat(run(renamed.runNow("elder-items"), "state"))
                .as("it is the retention now")
                .isEqualTo("completed");
    }

    /** It is why there are too many: whoever approves these confirms it, and must know. */
    @Test
    void aShorterRetentionIsToldWhereThereAreTooManyRowsToo() throws Exception {
        shortened();
        TestWorker shorter =
                new TestWorker(database, Items.policy("P2D").limits(5, 1).settings());

        UUID id = shorter.runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason")).isEqualTo("needs-approval breaker-rows");
        assertThat(run(id, "stop_detail")).contains("the policy allows 5 rows", "the retention was P7D and is P2D");
    }

    /** Who cancels a run that was approved has taken the yes back. */
    @Test
    void aShorterRetentionIsNotConfirmedByARunThatWasCancelled() throws Exception {
        TestWorker shorter = shortened();
        UUID id = shorter.runNow("old-items");
        shorter.requests.approve(id, 10, "boss");
        Claimed claimed = shorter.claim(Duration.ofSeconds(60)).orElseThrow();
        shorter.stop.stop();
        shorter.engine().execute(claimed);
        assertThat(run(id, "breaker_passed_at is not null")).isEqualTo("t");
        shorter.requests.cancel(id, "ops");

        UUID next = items.worker("P2D").runNow("old-items");

        assertThat(run(next, "state || ' ' || coalesce(stop_reason, '')"))
                .isEqualTo("needs-approval retention-shortened");
        assertThat(items.count()).isEqualTo(10);
    }

    /** The run of before had deleted nothing, and is not kept for ever; nobody has confirmed anything meanwhile. */
    @Test
    void aYesThatWasTakenBackIsNoneMonthsLaterEither() throws Exception {
        items.worker("P30D").runNow("old-items");
        items.addExpired(10);
        TestWorker shorter = items.worker("P2D");
        UUID id = shorter.runNow("old-items");
        shorter.requests.approve(id, 10, "boss");
        Claimed claimed = shorter.claim(Duration.ofSeconds(60)).orElseThrow();
        shorter.stop.stop();
        shorter.engine().execute(claimed);
        shorter.requests.cancel(id, "ops");
        database.execute("update caretaker.cleanup_run set created_at = created_at - interval '91 days'");

        shorter.transactions.run("test.tidy", session -> shorter.runs.tidy(session, Duration.ofDays(90), 100));

        UUID next = items.worker("P2D").runNow("old-items");
        assertThat(run(next, "state || ' ' || coalesce(stop_reason, '')"))
                .isEqualTo("needs-approval retention-shortened");
        assertThat(items.count()).isEqualTo(10);
    }

    @Test
    void aShorterRetentionUnderANameOfBeforeWaitsToo() throws Exception {
        items.addExpired(1);
        items.worker("P2D").runNow("old-items");
        items.addExpired(1);
        new TestWorker(database, TestPolicy.of("elder-items", "items", "P7D").settings()).runNow("elder-items");
        items.addExpired(10);

        UUID id = items.worker("P2D").runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || coalesce(stop_detail, '')"))
                .startsWith("needs-approval retention-shortened the retention was P7D in the policy elder-items of this"
                        + " table, which is no more, and is P2D");
        assertThat(items.count()).isEqualTo(10);
    }

    /** It went its own way before and beside it. */
    @Test
    void aPolicyBesideThatIsTakenOutConfirmsNothing() throws Exception {
        items.addExpired(1);
        TestWorker both = new TestWorker(
                database,
                TestPolicy.settings(Map.of(), Items.policy("P2D"), TestPolicy.of("elder-items", "items", "P7D")));
        both.runNow("elder-items");
        items.addExpired(1);
        both.runNow("old-items");
        items.addExpired(1);
        both.runNow("elder-items");
        items.addExpired(1);

        assertThat(run(items.worker("P2D").runNow("old-items"), "state")).isEqualTo("completed");
    }

    /** Which keeps fewer is nothing new where both are there. */
    @Test
    void anotherPolicyOfTheTableConfirmsNothing() throws Exception {
        items.addExpired(1);
        TestWorker both = new TestWorker(
                database,
                TestPolicy.settings(Map.of(), Items.policy("P7D"), TestPolicy.of("elder-items", "items", "P2D")));
        both.runNow("old-items");
        items.addExpired(1);

        assertThat(run(both.runNow("elder-items"), "state")).isEqualTo("completed");
    }

    /** Ten rows after a run of seven days' retention, for one of two. */
    private TestWorker shortened() {
        items.addExpired(1);
        items.worker("P7D").runNow("old-items");
        items.addExpired(10);
        return items.worker("P2D");
    }

    @Test
    void anApprovalAtTheMomentThatASlotOpensIsAConflict() throws Exception {
        TestWorker shorter = shortened();
        UUID id = shorter.runNow("old-items");
        try (OpenTransaction slot = OpenTransaction.begin(
                database,
                "insert into caretaker.cleanup_run (policy, policy_hash, mode, trigger, slot, requested_by)"
                        + " values ('old-items', '', 'enforce', 'schedule', now(), 'schedule')")) {
            CompletableFuture<RunRequests.Outcome> approval =
                    CompletableFuture.supplyAsync(() -> shorter.requests.approve(id, 10, "boss"));
            awaitLockWait();
            slot.commit();

            assertThat(approval.get()).isEqualTo(new RunRequests.Outcome.WrongState("needs-approval"));
        }
        assertThat(run(id, "state")).isEqualTo("needs-approval");
    }

    @Test
    void farMoreRowsThanEverWaitForAnApproval() throws Exception {
        TestWorker worker = items.worker("P7D");
        for (int i = 0; i < 5; i++) {
            items.addExpired(150);
            assertThat(run(worker.runNow("old-items"), "state")).isEqualTo("completed");
        }
        items.addExpired(2_000);

        UUID id = worker.runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason")).isEqualTo("needs-approval breaker-drift");
        assertThat(items.count()).isEqualTo(2_000);
    }

    /** Forty rows were counted. The run waits, for its window say, and a hundred more come to be as old. */
    @Test
    void whatComesToMatchLaterIsNotLetThroughByWhatWasCounted() throws Exception {
        items.addExpired(40);
        TestWorker stopping = limited();
        UUID id = stopping.begin("old-items");
        Claimed claimed = stopping.claim(Duration.ofSeconds(60)).orElseThrow();
        stopping.stop.stop();
        stopping.engine().execute(claimed);
        items.addExpired(100);
        TestWorker next = limited();

        next.worker.work();

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted"))
                .isEqualTo("needs-approval breaker-rows 0");
        assertThat(items.count()).isEqualTo(140);
        next.requests.approve(id, 140, "boss");
        next.worker.work();
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 140");
    }

    private TestWorker limited() {
        return new TestWorker(database, Items.policy("P7D").limits(50, 1).settings());
    }

    @Test
    void anApprovalOfAnyNumberIsOne() throws Exception {
        items.addExpired(100);
        TestWorker worker = limited();
        UUID id = worker.runNow("old-items");

        worker.requests.approve(id, Long.MAX_VALUE, "boss");
        worker.worker.work();

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 100");
    }
}
