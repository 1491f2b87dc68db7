package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keeps a wrong policy, a wrong hand or a wrong clock from deleting. */
class SafetyDbTest extends CleanupDbTest {

    private final Items items = new Items(database);

    /** A cast to the column's own type would cut them, or round them, to the value that is there. */
    @ParameterizedTest
    @CsvSource({"varchar(3), abc, abcd", "char(3), abc, abcd", "'numeric(4,1)', 1.5, 1.46", "bit(3), 101, 1011"})
    void aValueThatDoesNotFitItsColumnIsNotCutToOneThatDoes(String type, String there, String filter) throws Exception {
        items.addExpired(5);
        database.execute("alter table items add kind " + type + "; update items set kind = '" + there + "'");

        UUID none = workerOf("'" + filter + "'").runNow("old-items");
        assertThat(run(none, "state || ' ' || rows_deleted")).isEqualTo("completed 0");
        // Else it would ask whether the wider filter is meant.
        database.execute("delete from caretaker.cleanup_run");
        UUID all = workerOf("'" + filter + "', '" + there + "'").runNow("old-items");

        assertThat(run(all, "state || ' ' || rows_deleted")).isEqualTo("completed 5");
    }

    private TestWorker workerOf(String kinds) {
        String filter = "[ { column: kind, in: [" + kinds + "] } ]";
        return new TestWorker(
                database, Items.policy("P7D").with("filter", filter).settings());
    }

    /** The planner takes a text for 32 bytes as long as it has seen none: many more rows than there are. */
    @Test
    void aLargeTableThatWasNeverAnalyzedIsMeasuredAndNotGuessed() throws Exception {
        database.execute("drop table items");
        database.execute(
                "create table items (id bigint primary key, at timestamptz, text text) with (autovacuum_enabled = false)");
        database.execute("alter table items alter text set storage plain");
        database.execute("create index items_at on items (at, id)");
        database.execute("insert into items select n, now() - interval '9 days', repeat('x', 1500)"
                + " from generate_series(1, 50000) as n");

        UUID id = new TestWorker(
                        database, Items.policy("P7D").limits(1_000_000, 0.9).settings())
                .runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason")).isEqualTo("needs-approval breaker-fraction");
        assertThat(items.count()).isEqualTo(50_000);
    }

    /** The database's clock was a year ahead for a moment, and is right again. */
    @Test
    void aRunThatWasRefusedForItsClockStandsInNoOthersWay() throws Exception {
        items.addExpired(5);
        UUID refused = new TestWorker(
                        database, Items.policy("P7D").settings(), Clock.offset(Clock.systemUTC(), Duration.ofHours(2)))
                .runNow("old-items");
        assertThat(run(refused, "stop_reason")).isEqualTo("clock-skew");
        database.execute("update caretaker.cleanup_run set started_at = started_at + interval '1 year'");

        UUID next = items.worker("P7D").runNow("old-items");

        assertThat(run(next, "state || ' ' || rows_deleted")).isEqualTo("completed 5");
    }

    /** One of several replicas whose machine has just woken up: the day's run is another's, and not refused. */
    @Test
    void aReplicaWhoseClockIsWrongLeavesASlotToTheOthersForAnHour() throws Exception {
        items.addExpired(5);
        Map<String, String> settings =
                Items.policy("P7D").with("every", "PT24H").settings();
        TestWorker late = new TestWorker(database, settings, Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-5)));
        late.worker.tick();
        assertThat(text("select state || ' ' || throttle from caretaker.cleanup_run where policy = 'old-items'"))
                .isEqualTo("waiting clock-skew");
        database.execute("update caretaker.cleanup_run set not_before = clock_timestamp()");

        new TestWorker(database, settings).worker.tick();

        assertThat(texts("select state || ' ' || rows_deleted from caretaker.cleanup_run where policy = 'old-items'"))
                .containsExactly("completed 5");
    }

    @Test
    void whereNoClockComesRightTheRunIsRefused() throws Exception {
        items.addExpired(5);
        TestWorker late = new TestWorker(
                database, Items.policy("P7D").settings(), Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-5)));
        late.worker.tick();
        database.execute("update caretaker.cleanup_run set not_before = clock_timestamp(),"
                + " created_at = created_at - interval '1 hour'");

        late.worker.work();

        assertThat(texts("select state || ' ' || stop_reason from caretaker.cleanup_run where policy = 'old-items'"))
                .containsExactly("refused clock-skew");
    }

    /** A small run is nothing but its last window. */
    @Test
    void theLastRowsOfARunAreTakenOutOfTheBudgetToo() throws Exception {
        items.addExpired(500);

        UUID id = new TestWorker(database, Items.policy("P7D").settings(Map.of("rows-per-second", "100")))
                .runNow("old-items");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 500");
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_budget where spent_until >="
                        + " (select min(started_at) + interval '5 seconds' from caretaker.cleanup_run)"))
                .isOne();
    }

    /** PostgreSQL's dates go on for five million years after its timestamps have ended. */
    @Test
    void aDateThatIsNoTimestampKeepsNoOthersFromGoing() throws Exception {
        database.execute("create table visits (id int primary key, at date); create index on visits (at, id);"
                + " insert into visits values (1, 'infinity'), (2, '-infinity'), (3, '0044-03-15 BC'), (4, null), (5, now()),"
                + " (6, '2020-02-29'), (7, '5000000-01-01'); analyze visits");

        UUID id = new TestWorker(
                        database, TestPolicy.of("old-visits", "visits", "P30D").settings())
                .runNow("old-visits");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 2");
        assertThat(texts("select id from visits")).containsExactly("1", "2", "4", "5", "7");
    }
}
