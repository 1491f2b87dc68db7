package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ages that are numbers, as many frameworks have them: what they count is said in the policy. */
class EpochDbTest extends CleanupDbTest {

    @TempDir
    Path folder;

    private static TestPolicy policy(String epoch) {
        return TestPolicy.of("old-events", "events", "P30D")
                .with("age", "{ column: at, means: event, epoch: " + epoch + " }");
    }

    /** Rows 1 to 300 are 40 days old, 301 to 600 of today, and four say in numbers of their own that they have no age. */
    private void make(String type, long unit, String... never) {
        database.execute("create table events (id bigint primary key, at " + type + ", text text);"
                + " create index events_at on events (at, id);"
                + " insert into events select n, (extract(epoch from now() - case when n <= 300 then interval '40 days'"
                + " else interval '0' end) * " + unit + ")::bigint, repeat('x', 50) from generate_series(1, 600) as n;"
                + " insert into events select 1000 + n, at from unnest(cast('{" + String.join(",", never) + "}' as "
                + type + "[])) with ordinality as e (at, n); analyze events");
    }

    private String left() throws Exception {
        return text("select count(*) filter (where id <= 300) || ' ' || count(*) filter (where id between 301 and 600)"
                + " || ' ' || count(*) filter (where id > 600) from events");
    }

    @ParameterizedTest
    @CsvSource({
        "seconds, bigint, 1, 9223372036854775807",
        "seconds, integer, 1, 2147483647",
        "milliseconds, bigint, 1000, 9223372036854775807",
        "microseconds, bigint, 1000000, 9223372036854775807"
    })
    void whatIsOldEnoughGoesAndWhatHasNoAgeStays(String epoch, String type, long unit, String most) throws Exception {
        make(type, unit, "0", "-1", "null", most);

        UUID id = new TestWorker(database, policy(epoch).settings()).runNow("old-events");

        assertThat(run(id, "state || ' ' || rows_matched || ' ' || rows_deleted || coalesce(stop_detail, '')"))
                .isEqualTo("completed 300 300");
        assertThat(left()).isEqualTo("0 300 4");
    }

    /** Seconds are of January 1970, read as milliseconds. */
    @ParameterizedTest
    @CsvSource({"milliseconds, 1", "microseconds, 1000", "microseconds, 1", "seconds, 1000", "milliseconds, 1000000"})
    void aWrongUnitLetsNothingGo(String epoch, long unit) throws Exception {
        make("bigint", unit);

        UUID id = new TestWorker(database, policy(epoch).settings()).runNow("old-events");

        assertThat(run(id, "state || ' ' || rows_matched")).isEqualTo("completed 0");
        assertThat(left()).isEqualTo("300 300 0");
    }

    @Test
    void archivedRowsAreInTheirFiles() throws Exception {
        make("bigint", 1000, "0");

        UUID id = new TestWorker(
                        database,
                        policy("milliseconds")
                                .with("action", "archive")
                                .settings(Map.of("archive-directory", folder.toString())))
                .runNow("old-events");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 300");
        assertThat(database.queryLong("select count(archive) from caretaker.cleanup_ledger"))
                .isPositive();
    }

    /** The oldest has a row without an age, which nobody drops. */
    @ParameterizedTest
    @CsvSource({"milliseconds, bigint, 1000", "seconds, bigint, 1", "seconds, integer, 1"})
    void partitionsGoByTheirBoundsAndStayWithARowThatHasNoAge(String epoch, String type, long unit) throws Exception {
        long day = 86_400 * unit;
        long today = Instant.now().getEpochSecond() * unit;
        database.execute("create table events (id bigint, at " + type
                + ", primary key (at, id)) partition by range (at);"
                + " create table events_1 partition of events for values from (minvalue) to (" + (today - 90 * day)
                + "); create table events_2 partition of events for values from (" + (today - 90 * day) + ") to ("
                + (today - 60 * day) + "); create table events_3 partition of events for values from ("
                + (today - 60 * day) + ") to (maxvalue); insert into events values (1, 0), (2, " + (today - 80 * day)
                + "), (3, " + (today - 70 * day) + "), (4, " + today + "); analyze events");

        UUID id = new TestWorker(
                        database,
                        policy(epoch).with("action", "drop-partitions").settings())
                .runNow("old-events");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 2");
        assertThat(text("select string_agg(id::text, ' ' order by id) from events"))
                .isEqualTo("1 4");
        assertThat(texts("select inhrelid::regclass::text from pg_inherits where inhparent = 'events'::regclass"))
                .as("the one that could not be dropped is a partition again")
                .containsExactly("events_1", "events_3");
    }

    /** Those of the coming months are empty. */
    @Test
    void aWrongUnitDropsNoPartition() throws Exception {
        long today = Instant.now().getEpochSecond();
        database.execute("create table events (id bigint, at bigint, primary key (at, id)) partition by range (at);"
                + " create table events_1 partition of events for values from (" + today + ") to (" + (today + 86_400)
                + "); create table events_2 partition of events for values from (" + (today + 86_400) + ") to ("
                + (today + 172_800) + "); insert into events values (1, " + today + "); analyze events");

        UUID id = new TestWorker(
                        database,
                        policy("milliseconds").with("action", "drop-partitions").settings())
                .runNow("old-events");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 0");
        assertThat(database.queryLong("select count(*) from pg_inherits where inhparent = 'events'::regclass"))
                .isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bigint      |              | must be a timestamp, with or without time zone, or a date, but is bigint; where it counts from 1970 on, say what (age.epoch: seconds, milliseconds or microseconds)
            timestamptz | milliseconds | must be integer or bigint, as age.epoch says what it counts, but is timestamp with time zone
            numeric     | seconds      | must be integer or bigint, as age.epoch says what it counts, but is numeric
            """)
    void whatItCountsIsSaidOfNumbersAndOfNothingElse(String type, String epoch, String reason) {
        database.execute(
                "create table events (id bigint primary key, at " + type + "); create index on events (at, id)");
        TestPolicy policy = TestPolicy.of("old-events", "events", "P30D");

        assertThat(new TestWorker(database, (epoch == null ? policy : policy(epoch)).settings())
                        .check("old-events")
                        .reasons())
                .singleElement()
                .asString()
                .contains("column 'at' of public.events " + reason);
    }
}
