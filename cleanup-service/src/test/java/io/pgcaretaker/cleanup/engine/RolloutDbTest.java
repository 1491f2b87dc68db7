package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunOpening;
import io.pgcaretaker.cleanup.run.RunRequests;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Two replicas amid a rollout: one has the policies file of before. */
class RolloutDbTest extends CleanupDbTest {

    private final Items items = new Items(database);

    /** Whose slot does not end meanwhile. */
    private TestWorker worker(String retention) {
        return new TestWorker(
                database, Items.policy(retention).with("every", "P300D").settings());
    }

    private void openSlot(TestWorker worker) {
        worker.transactions.run("test.slot", session -> new RunOpening().openSlot(session, worker.policy("old-items")));
    }

    private String runs() throws Exception {
        return String.join(
                ", ",
                texts("select state || ' ' || coalesce(retention, '') || ' ' || rows_deleted"
                        + " from caretaker.cleanup_run where policy = 'old-items' order by created_at"));
    }

    /** Of a policy that runs once a month nothing would go for another one. */
    @Test
    void aSlotThatTheReplicaOfBeforeHasOpenedIsTheNewOnes() throws Exception {
        items.addExpired(10);
        openSlot(worker("P7D"));
        TestWorker after = worker("P8D");

        after.worker.work();

        assertThat(runs()).isEqualTo("completed P8D 10");
    }

    /** It may be there because of what the one of before takes. */
    @Test
    void aSlotThatTheNewReplicaHasOpenedIsLeftToIt() throws Exception {
        TestWorker before = worker("P7D");
        before.runNow("old-items");
        items.addExpired(10);
        TestWorker after = worker("P8D");
        openSlot(after);

        before.worker.work();

        String last =
                "select state || ' ' || coalesce(throttle, '') || ' ' || coalesce(retention, '') || ' ' || rows_deleted"
                        + " from caretaker.cleanup_run where trigger = 'schedule' and policy = 'old-items'";
        assertThat(text(last)).isEqualTo("waiting policy-changed  0");
        database.execute("update caretaker.cleanup_run set not_before = null");
        after.worker.work();
        assertThat(text(last)).isEqualTo("completed  P8D 10");
    }

    /** A policy that is new has no version of before; its slot may be a month long. */
    @Test
    void aRunOfAPolicyThatTheReplicaOfBeforeHasNotIsLeftToTheNewOne() throws Exception {
        items.addExpired(10);
        TestWorker after = worker("P8D");
        openSlot(after);

        new TestWorker(database, Map.of()).worker.work();

        assertThat(text("select state || ' ' || coalesce(throttle, '') from caretaker.cleanup_run"))
                .isEqualTo("waiting policy-changed");
        database.execute("update caretaker.cleanup_run set not_before = null");
        after.worker.work();
        assertThat(runs()).isEqualTo("completed P8D 10");
    }

    @Test
    void aRunOfAPolicyThatIsNoMoreEndsAfterAnHour() throws Exception {
        items.addExpired(10);
        openSlot(worker("P8D"));
        database.execute("update caretaker.cleanup_run set created_at = created_at - interval '61 minutes'");

        new TestWorker(database, Map.of()).worker.work();

        assertThat(text("select state || ' ' || stop_reason from caretaker.cleanup_run"))
                .isEqualTo("cancelled policy-changed");
    }

    /** As after a rollout that was taken back. */
    @Test
    void aSlotThatNobodyElseTakesForAnHourIsWhoseTurnItIs() throws Exception {
        TestWorker before = worker("P7D");
        before.runNow("old-items");
        items.addExpired(10);
        openSlot(worker("P8D"));
        database.execute("update caretaker.cleanup_run set created_at = created_at - interval '61 minutes'");

        before.worker.work();

        assertThat(text("select state || ' ' || retention || ' ' || rows_deleted from caretaker.cleanup_run"
                        + " where trigger = 'schedule' and policy = 'old-items'"))
                .isEqualTo("completed P7D 10");
    }

    /** Whoever approves it has looked at what would go; the other policy is not what they looked at. */
    @Test
    void aRunOfAnotherVersionIsNotApproved() throws Exception {
        items.addExpired(10);
        UUID id = new TestWorker(database, Items.policy("P7D").limits(5, 1).settings()).runNow("old-items");

        assertThat(worker("P8D").requests.approve(id, 10, "boss"))
                .isEqualTo(new RunRequests.Outcome.OtherVersion("old-items"));
        assertThat(run(id, "state")).isEqualTo("needs-approval");
    }

    /** It would be cancelled as soon as a worker takes it up. */
    @Test
    void aPausedRunOfAnotherVersionIsNotResumed() throws Exception {
        items.addExpired(10);
        TestWorker before = worker("P7D");
        UUID id = before.begin("old-items");
        before.requests.pause(id, "boss");

        assertThat(worker("P8D").requests.resume(id)).isEqualTo(new RunRequests.Outcome.OtherVersion("old-items"));
        assertThat(run(id, "state")).isEqualTo("paused");
        before.requests.resume(id);
        before.worker.work();
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 10");
    }

    /** Whoever asked for it was answered by the new replica. */
    @Test
    void aRunThatSomebodyAskedTheNewReplicaForIsLeftToIt() throws Exception {
        TestWorker before = worker("P7D");
        before.runNow("old-items");
        items.addExpired(10);
        TestWorker after = worker("P8D");
        UUID id = after.begin("old-items");

        before.worker.work();

        assertThat(run(id, "state || ' ' || coalesce(throttle, '')")).isEqualTo("waiting policy-changed");
        database.execute("update caretaker.cleanup_run set not_before = null");
        after.worker.work();
        assertThat(run(id, "state || ' ' || retention || ' ' || rows_deleted")).isEqualTo("completed P8D 10");
    }

    /** As one that has given way to another run, or whose replica has ended: its slot would be over. */
    @Test
    void aRunThatTheNewReplicaHasBegunIsLeftToIt() throws Exception {
        TestWorker before = worker("P7D");
        before.runNow("old-items");
        items.addExpired(10);
        TestWorker after = worker("P8D");
        openSlot(after);
        Claimed claimed = after.claim(Duration.ofSeconds(60)).orElseThrow();
        after.stop.stop();
        after.engine().execute(claimed);
        assertThat(run(claimed.id(), "retention")).isEqualTo("P8D");

        before.worker.work();

        assertThat(run(claimed.id(), "state || ' ' || coalesce(throttle, '')")).isEqualTo("waiting policy-changed");
        database.execute("update caretaker.cleanup_run set not_before = null");
        worker("P8D").worker.work();
        assertThat(run(claimed.id(), "state || ' ' || rows_deleted")).isEqualTo("completed 10");
    }

    private Claimed begin(TestWorker worker) {
        openSlot(worker);
        Claimed claimed = worker.claim(Duration.ofSeconds(60)).orElseThrow();
        worker.stop.stop();
        worker.engine().execute(claimed);
        return claimed;
    }

    /** What it has left would wait for the next slot, which may be a month away. */
    @Test
    void whatARunOfTheReplicaOfBeforeHasLeftIsTakenInTheSameSlot() throws Exception {
        items.addExpired(10);
        Claimed begun = begin(worker("P7D"));
        assertThat(run(begun.id(), "state || ' ' || retention")).isEqualTo("running P7D");
        TestWorker after = worker("P8D");

        after.worker.work();

        assertThat(run(begun.id(), "state || ' ' || stop_reason")).isEqualTo("cancelled policy-changed");
        assertThat(runs()).isEqualTo("cancelled P7D 0, completed P8D 10");
        after.worker.work();
        assertThat(runs()).as("once").isEqualTo("cancelled P7D 0, completed P8D 10");
    }

    /** It may be there because of what the one of before takes. */
    @Test
    void theReplicaOfBeforeOpensNoSlotAnew() throws Exception {
        TestWorker before = worker("P7D");
        before.runNow("old-items");
        items.addExpired(10);
        Claimed begun = begin(worker("P8D"));
        database.execute("update caretaker.cleanup_run set created_at = created_at - interval '61 minutes'");

        before.worker.work();

        assertThat(run(begun.id(), "state || ' ' || stop_reason")).isEqualTo("cancelled policy-changed");
        assertThat(runs()).isEqualTo("cancelled P8D 0, completed P7D 0");
    }
}
