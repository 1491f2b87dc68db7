package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policies file that was cut is a valid one, and so is a deployment without a setting: what was said there is said no more. */
class LostLinesDbTest extends CleanupDbTest {

    private final Items items = new Items(database);

    private TestWorker filtered(String filter) {
        return new TestWorker(
                database, Items.policy("P7D").with("filter", filter).settings());
    }

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

    /** As of a policies file that was cut in its last policy's filter, and is a policy all the same. */
    @Test
    void aFilterThatLostAConditionWaitsUntilSomebodyConfirmsIt() throws Exception {
        database.execute("alter table items add kind text default 'a', add done boolean default true");
        items.addExpired(10);
        run(filtered("[{ column: kind, in: [b] }, { column: done, is: true }]").runNow("old-items"), "state");
        TestWorker cut = filtered("[{ column: done, is: true }]");

        UUID id = cut.runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || stop_detail"))
                .isEqualTo(
                        "needs-approval filter-widened the filter was kind in [b] and done = true and is done = true,"
                                + " 10 rows would go; approve this run to confirm it");
        assertThat(items.count()).isEqualTo(10);
        cut.requests.approve(id, 10, "boss");
        cut.worker.work();
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 10");
        items.addExpired(10);
        assertThat(run(
                        filtered("[{ column: kind, in: [a] }, { column: done, is: true }]")
                                .runNow("old-items"),
                        "state"))
                .as("narrower than the one that was confirmed")
                .isEqualTo("completed");
    }

    /** As of a policies file that was cut before the last lines of its last policy. */
    @Test
    void rowsThatWereMaskedAreNotDeletedBeforeSomebodyHasConfirmedIt() throws Exception {
        database.execute("alter table items add name text default 'somebody'");
        items.addExpired(10);
        TestPolicy masking = Items.policy("P7D")
                .with("mask", "[{ column: name, with: constant, value: gone }]")
                .with("action", "anonymise");
        new TestWorker(database, masking.settings()).runNow("old-items");

        TestWorker cut = items.worker("P7D");
        UUID id = cut.runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || stop_detail"))
                .isEqualTo("needs-approval terms-loosened the action is delete and was anonymise, 10 rows would go;"
                        + " approve this run to confirm it");
        assertThat(items.count()).isEqualTo(10);

        cut.requests.approve(id, 10, "boss");
        cut.worker.work();
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 10");
        items.addExpired(10);
        assertThat(run(cut.runNow("old-items"), "state"))
                .as("it is the action now")
                .isEqualTo("completed");
    }

    @Test
    void rowsThatWereArchivedAreNotDeletedBeforeSomebodyHasConfirmedIt(@TempDir Path archive) throws Exception {
        items.addExpired(10);
        Map<String, String> settings = Map.of("archive-directory", archive.toString());
        TestPolicy archiving = Items.policy("P7D").with("action", "archive");
        new TestWorker(database, archiving.settings(settings)).runNow("old-items");
        items.addExpired(10);

        UUID id = items.worker("P7D").runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason")).isEqualTo("needs-approval terms-loosened");
        assertThat(items.count()).isEqualTo(10);
        assertThat(run(new TestWorker(database, archiving.settings(settings)).runNow("old-items"), "state"))
                .as("another replica, which has the policy of before")
                .isEqualTo("completed");
    }

    /** As of a deployment that has lost {@code CLEANUP_LEDGER_KEY}: a backup would bring them back, and nobody could tell. */
    @Test
    void rowsWhoseKeysWereRememberedDoNotGoForgottenBeforeSomebodyHasConfirmedIt() throws Exception {
        items.addExpired(10);
        TestPolicy remembering = Items.policy("P7D").with("remember-keys", "true");
        String key = Base64.getEncoder().encodeToString(new byte[32]);
        new TestWorker(database, remembering.settings(Map.of("ledger-key", key))).runNow("old-items");
        items.addExpired(10);

        UUID id = new TestWorker(database, remembering.settings()).runNow("old-items");

        assertThat(run(id, "coalesce(stop_reason, '') || ' ' || coalesce(stop_detail, '')"))
                .startsWith("terms-loosened keys of rows that go are not remembered (CLEANUP_LEDGER_KEY), and were");
        assertThat(items.count()).isEqualTo(10);
    }

    @Test
    void anotherAgeWaitsUntilSomebodyConfirmsIt() throws Exception {
        database.execute("alter table items add \"100%made\" timestamptz default now() - interval '90 days'");
        database.execute("create index on items (\"100%made\", id)");
        items.addExpired(10);
        items.worker("P7D").runNow("old-items");
        database.execute("insert into items (id, at) select n, now() from generate_series(1, 10) as n");

        TestWorker made =
                new TestWorker(database, Items.policy("P7D").age("100%made").settings());
        UUID id = made.runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || stop_detail"))
                .startsWith(
                        "needs-approval terms-loosened rows are as old as their 100%made says and were as old as their at");
        assertThat(items.count()).isEqualTo(10);

        items.addExpired(1);
        made.requests.approve(id, 100, "boss");
        made.worker.work();
        assertThat(run(id, "state")).isEqualTo("completed");
        assertThat(run(items.worker("P7D").runNow("old-items"), "stop_reason || ' ' || stop_detail"))
                .as("the way back, too")
                .startsWith("terms-loosened rows are as old as their at says and were as old as their 100%made");
    }
}
