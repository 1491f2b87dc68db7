package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.run.Claimed;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A migration puts another column in the place of the age's, or of the filter's, while no run looks. */
class AnotherColumnDbTest extends CleanupDbTest {

    private static final String REFUSED =
            "terms-loosened the column %s is another one of that name than it was, 10 rows would go;"
                    + " approve this run to confirm it";

    private final Items items = new Items(database);

    private TestWorker worker(long maxRows) {
        TestPolicy policy = Items.policy("P7D").limits(maxRows, 1);
        return new TestWorker(
                database, policy.with("filter", "[{ column: done, is: true }]").settings());
    }

    private void addExpired() {
        database.execute("alter table items add if not exists done boolean default true");
        items.addExpired(10);
    }

    /** All rows are old by it, and done. */
    private void exchange(String column) {
        database.execute("drop index items_at; alter table items rename " + column + " to former");
        database.execute("alter table items add " + column
                + (column.equals("at") ? " timestamptz default now() - interval '9 days'" : " boolean default true"));
        database.execute("create index items_at on items (at, id); analyze items");
    }

    @ParameterizedTest
    @ValueSource(strings = {"at", "done"})
    void theNextRunAsks(String column) throws Exception {
        addExpired();
        TestWorker worker = worker(1_000);
        worker.runNow("old-items");
        addExpired();
        exchange(column);

        UUID id = worker.runNow("old-items");

        assertThat(run(id, "state || ' ' || coalesce(stop_reason, '') || ' ' || coalesce(stop_detail, '')"))
                .isEqualTo("needs-approval " + REFUSED.formatted(column));
        worker.approve(id, 10);
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 10");
        addExpired();
        assertThat(run(worker.runNow("old-items"), "state"))
                .as("it is the column now")
                .isEqualTo("completed");
    }

    /** Whoever said yes had looked at rows that the former column makes old. */
    @Test
    void anApprovalIsForTheColumnsThatWereThere() throws Exception {
        addExpired();
        TestWorker worker = worker(5);
        UUID id = worker.runNow("old-items");
        worker.requests.approve(id, 10, "boss");
        exchange("at");

        worker.worker.work();

        assertThat(run(id, "state || ' ' || coalesce(stop_detail, '')"))
                .startsWith("needs-approval ")
                .contains("the column at is another one of that name than it was");
        assertThat(items.count()).isEqualTo(10);
        worker.approve(id, 10);
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 10");
    }

    @Test
    void aRunThatGoesOnLaterEnds() throws Exception {
        addExpired();
        TestWorker stopping = worker(1_000);
        UUID id = stopping.begin("old-items");
        Claimed claimed = stopping.claim(Duration.ofSeconds(60)).orElseThrow();
        stopping.stop.stop();
        stopping.engine().execute(claimed);
        assertThat(run(id, "breaker_passed_at is not null")).isEqualTo("t");
        exchange("at");

        worker(1_000).worker.work();

        assertThat(run(id, "state || ' ' || coalesce(stop_reason, '') || ' ' || coalesce(stop_detail, '')"))
                .isEqualTo("failed terms-loosened the column at is another one of that name than it was");
        assertThat(items.count()).isEqualTo(10);
    }

    /** As after a dump was read back: columns are numbered anew there. */
    @Test
    void anotherTableOfTheNameHasColumnsOfItsOwn() throws Exception {
        addExpired();
        TestWorker worker = worker(1_000);
        worker.runNow("old-items");
        addExpired();
        database.execute("drop index items_at; alter table items rename to former;"
                + " create table items as select done, at, id from former; alter table items add primary key (id);"
                + " create index items_at on items (at, id); analyze items");

        assertThat(run(worker.runNow("old-items"), "state || ' ' || rows_deleted"))
                .isEqualTo("completed 10");
    }
}
