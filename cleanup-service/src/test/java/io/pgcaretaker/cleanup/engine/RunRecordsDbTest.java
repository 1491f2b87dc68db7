package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** How long the records of runs are kept. */
class RunRecordsDbTest extends CleanupDbTest {

    private final Items items = new Items(database);

    /** The newest tells the next run what was applied. */
    @Test
    void runsThatDeletedNothingAgeOutAndTheOthersStay() throws Exception {
        TestWorker worker = items.worker("P7D");
        items.addExpired(5);
        UUID deleting = worker.runNow("old-items");
        UUID idle = worker.runNow("old-items");
        UUID newest = worker.runNow("old-items");
        database.execute("update caretaker.cleanup_run set created_at = created_at - interval '91 days'");

        int gone = worker.transactions.run("test.tidy", session -> worker.runs.tidy(session, Duration.ofDays(90), 10));

        assertThat(gone).isEqualTo(1);
        assertThat(run(deleting, "rows_deleted")).isEqualTo("5");
        assertThat(run(newest, "state")).isEqualTo("completed");
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_run where id = '" + idle + "'"))
                .isZero();
    }

    /** Whoever had begun it counted, and has told nobody how many there were. */
    @Test
    void aShadowRunThatIsTakenOverCountsAnew() throws Exception {
        items.addExpired(5);
        TestWorker worker = new TestWorker(database, Items.policy("P7D").settings(Map.of("mode", "shadow")));
        UUID id = worker.begin("old-items");
        database.execute("update caretaker.cleanup_run set breaker_passed_at = clock_timestamp(), rows_matched = 5");

        worker.worker.work();

        assertThat(run(id, "state || ' ' || rows_matched || ' ' || tables"))
                .isEqualTo("completed 5 {\"public.items\": 5}");
    }

    /** Of a policy that something has been in the way of ever since. */
    @Test
    void runsThatNeverBeganAgeOutThoughNoOtherDidEither() throws Exception {
        TestWorker skewed = new TestWorker(
                database, Items.policy("P7D").settings(), Clock.offset(Clock.systemUTC(), Duration.ofHours(2)));
        skewed.runNow("old-items");
        skewed.runNow("old-items");
        database.execute("update caretaker.cleanup_run set created_at = created_at - interval '91 days'");

        int gone = skewed.transactions.run("test.tidy", session -> skewed.runs.tidy(session, Duration.ofDays(90), 10));

        assertThat(gone).isEqualTo(2);
    }
}
