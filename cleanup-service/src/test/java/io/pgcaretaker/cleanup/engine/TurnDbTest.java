package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A worker carries one run at a time, and the largest takes days: the others do not wait for its end. */
class TurnDbTest extends CleanupDbTest {

    private static final Map<String, String> SHORT = Map.of("turn", "1ms");

    private final Items items = new Items(database);
    private final TestPolicy notes = TestPolicy.of("old-notes", "notes", "P7D");

    @BeforeEach
    void notes() {
        database.execute("create table notes (id bigint primary key, at timestamptz)");
        database.execute("create index notes_at on notes (at, id)");
        database.execute("insert into notes select n, now() - interval '9 days' from generate_series(1, 10) as n");
        items.addExpired(5_000);
    }

    private TestWorker worker(TestPolicy large) {
        return new TestWorker(database, TestPolicy.settings(SHORT, large, notes));
    }

    private String order() throws SQLException {
        return text("select string_agg(policy || ' ' || state, ', ' order by finished_at) from caretaker.cleanup_run"
                + " where policy in ('old-items', 'old-parts', 'old-notes')");
    }

    @Test
    void aRunThatWaitsIsCarriedBeforeALargeOneIsAtItsEnd() throws Exception {
        TestWorker worker = worker(Items.policy("P7D"));
        UUID large = worker.begin("old-items");
        worker.begin("old-notes");

        worker.worker.work();

        // Where it gives way again, the others' own slot is due.
        assertThat(order()).matches("(old-notes completed, )+old-items completed");
        assertThat(run(large, "rows_deleted || ' ' || (fence > 1) || coalesce(throttle, '')"))
                .as("it went on where it stood")
                .isEqualTo("5000 true");
        assertThat(items.count()).isZero();
        assertThat(worker.ledgerFaults()).isEmpty();
    }

    @Test
    void whatComesDueMeanwhileIsOpened() throws Exception {
        TestWorker worker = worker(Items.policy("P7D"));
        worker.begin("old-items");

        worker.worker.work();

        assertThat(order()).isEqualTo("old-notes completed, old-items completed");
    }

    @Test
    void partitionsGiveWayBetweenTwoOfThem() throws Exception {
        database.execute("create table parts (id bigint, at timestamptz not null) partition by range (at)");
        for (int i = 1; i <= 4; i++) {
            database.execute("create table parts_" + i + " partition of parts for values from ('2020-0" + i
                    + "-01') to ('2020-0" + (i + 1) + "-01')");
            database.execute("insert into parts values (1, '2020-0" + i + "-15')");
        }
        database.execute("create table parts_now partition of parts for values from ('2021-01-01') to ('2999-01-01')");
        TestWorker worker = worker(TestPolicy.of("old-parts", "parts", "P7D").with("action", "drop-partitions"));
        UUID large = worker.begin("old-parts");

        worker.worker.work();

        assertThat(run(large, "rows_deleted || ' ' || (fence > 1) || coalesce(stop_detail, '')"))
                .isEqualTo("4 true");
        assertThat(order()).isEqualTo("old-notes completed, old-parts completed");
    }

    @Test
    void nobodyGivesWayToNobody() throws Exception {
        TestWorker worker = new TestWorker(database, Items.policy("P7D").settings(SHORT));

        UUID run = worker.runNow("old-items");

        assertThat(run(run, "state || ' ' || fence")).isEqualTo("completed 1");
    }
}
