package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A policies file that was cut is a valid one, and so is a deployment without a setting: what was said there is said no more. */
class LostLinesDbTest extends CleanupDbTest {

    private final Items items = new Items(database);

    private UUID runNow(TestPolicy policy) {
        return new TestWorker(database, policy.settings()).runNow("old-items");
    }

    @Test
    void whatWasOnlyCountedWaitsUntilSomebodyConfirmsThatItGoes() throws Exception {
        items.addExpired(10);
        TestPolicy shadow = Items.policy("P7D").with("mode", "shadow");
        runNow(shadow);
        TestWorker cut = items.worker("P7D");

        UUID id = cut.runNow("old-items");

        assertThat(run(id, "state || ' ' || coalesce(stop_reason, '') || ' ' || coalesce(stop_detail, '')"))
                .isEqualTo(
                        "needs-approval terms-loosened rows go, and were only counted (mode: shadow), 10 rows would go;"
                                + " approve this run to confirm it");
        cut.requests.approve(id, 10, "boss");
        cut.worker.work();
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 10");
        items.addExpired(10);
        assertThat(run(cut.runNow("old-items"), "state"))
                .as("it is the mode now")
                .isEqualTo("completed");
        items.addExpired(10);
        runNow(shadow);
        assertThat(run(cut.runNow("old-items"), "state"))
                .as("counted again since")
                .isEqualTo("needs-approval");
    }

    /** It had said what would need approval, and begun nothing. */
    @Test
    void soDoesWhatWasCountedAsTooMuch() throws Exception {
        items.addExpired(10);
        runNow(Items.policy("P7D").with("mode", "shadow").limits(5, 1));

        assertThat(run(runNow(Items.policy("P7D")), "state")).isEqualTo("needs-approval");
    }

    /** {@code CLEANUP_MODE=enforce} is a word that somebody has said, and no line that is lost. */
    @Test
    void theModeOfAllPoliciesIsNobodysSlip() throws Exception {
        items.addExpired(10);
        new TestWorker(database, Items.policy("P7D").settings(Map.of("mode", "shadow"))).runNow("old-items");

        assertThat(run(runNow(Items.policy("P7D")), "state || ' ' || rows_deleted"))
                .isEqualTo("completed 10");
    }

    @Test
    void timesAreNotReadByAnotherZoneBeforeSomebodyHasConfirmedIt() throws Exception {
        database.execute("alter table items alter at type timestamp");
        items.addExpired(10);
        TestPolicy there = Items.policy("P7D").with("age", "{ column: at, means: event, zone: America/New_York }");
        runNow(there);
        items.addExpired(10);

        assertThat(run(runNow(Items.policy("P7D")), "coalesce(stop_reason, '') || ' ' || coalesce(stop_detail, '')"))
                .startsWith("terms-loosened times without a zone are read as UTC's and were as America/New_York's,");
        assertThat(items.count()).isEqualTo(10);
    }

    /** The zone of its window, then. */
    @Test
    void theZoneOfATimeThatHasOneConfirmsNothing() throws Exception {
        items.addExpired(10);
        runNow(Items.policy("P7D").with("age", "{ column: at, means: event, zone: America/New_York }"));
        items.addExpired(10);

        assertThat(run(runNow(Items.policy("P7D")), "state")).isEqualTo("completed");
    }
}
