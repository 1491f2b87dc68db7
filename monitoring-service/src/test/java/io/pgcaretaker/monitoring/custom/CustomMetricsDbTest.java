package io.pgcaretaker.monitoring.custom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.collect.Probe;
import io.pgcaretaker.testing.TestDatabase;
import io.quarkus.runtime.configuration.DurationConverter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CustomMetricsDbTest {

    private static final TestDatabase EMPTY = TestDatabase.create();

    private final CustomMetricsFile file = new CustomMetricsFile(DurationConverter::parseDuration);

    private List<Collector> read(String yaml) {
        return file.read(yaml, Duration.ofSeconds(3));
    }

    @Test
    void operatorsMetricIsReadInAReadOnlyTransactionWithItsOwnDeadline() {
        TestDatabase database = TestDatabase.create();
        database.execute("create table orders (status text); insert into orders values ('new'), ('new'), ('sent')");
        List<Collector> metrics = read("""
                metrics:
                  - name: shop_orders
                    type: counter
                    sql: select status, count(*) as value from orders group by status order by status;
                    labels: [status]
                    interval: 10s
                  - name: shop_slow
                    sql: select pg_sleep(60), 1 as value
                    deadline: 100ms
                  - name: shop_writes
                    sql: "with gone as (delete from orders returning 1) select count(*) as value from gone"
                  - name: shop_future
                    sql: select 1 as value
                    minimum-version: 99
                """);
        try (Probe probe = new Probe(database.url(), Clock.systemUTC(), Duration.ofSeconds(4))) {
            probe.run(metrics);

            assertThat(probe.readings.of("custom:shop_orders").rows().list())
                    .extracting(row -> row.text("status") + row.count("value"))
                    .containsExactly("new2", "sent1");
            assertThat(probe.readings.of("custom:shop_slow").outcome()).isEqualTo(CollectOutcome.TIMED_OUT);
            assertThat(probe.readings.of("custom:shop_writes").outcome()).isEqualTo(CollectOutcome.FAILED);
            assertThat(probe.readings.of("custom:shop_future").reason()).isEqualTo("needs PostgreSQL 99 or newer");
        }
        assertThat(metrics.get(0).interval()).contains(Duration.ofSeconds(10));
        assertThat(metrics.get(0).families().get(0).name()).isEqualTo("shop_orders");
        assertThat(database.queryLong("select count(*) from orders")).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            select 1 as number                          | SKIPPED   | needs the columns value, status and what
            select 1 as value                           | SKIPPED   | needs the columns value, status and what
            select 'x' as status, 'many' as value       | FAILED    | SQLSTATE 42804
            select n as status, n as value from generate_series(1, 1001) n | FAILED | SQLSTATE 54000
            select n as status, n as value from generate_series(1, 1000) n | OK |
            select 'x' as status, null::int as value    | OK        |
            select 'x' as status, 1 as value where false | OK        |
            select 'x' as status, n as value from generate_series(1, 2) n | FAILED | SQLSTATE 21000
            select nullif(n, '') as status, 1 as value from unnest(array['', null]) n | FAILED | SQLSTATE 21000
            select null as status, 'NaN'::numeric as value | OK      |
            select 'x' as status, '-Infinity'::float8 as value | OK  |
            select 'x' as status, 1e300::numeric as value | OK       |
            select 'x' as status, true as value         | OK         |
            """)
    void answerThatWouldBeNoSeriesOrTooManyIsSaid(String sql, CollectOutcome outcome, String reason) {
        List<Collector> metrics = read("metrics: [{name: a, labels: [status], sql: \"" + sql + "\"}]");
        try (Probe probe = new Probe(EMPTY.url(), Clock.systemUTC(), Duration.ofSeconds(4))) {
            probe.run(metrics);

            assertThat(probe.readings.of("custom:a").outcome()).isEqualTo(outcome);
            if (reason != null) {
                assertThat(probe.readings.of("custom:a").reason()).contains(reason);
            }
        }
    }

    @Test
    void whatIsLookedAtOnceADayIsNotOldAfterHalfAnHour() {
        Collector daily = read("metrics: [{name: a, sql: select 1 as value, interval: 24h}]")
                .get(0);
        try (Probe probe = new Probe(EMPTY.url(), Clock.systemUTC(), Duration.ofSeconds(4))) {
            assertThat(probe.situation().oldest(daily)).isGreaterThan(Duration.ofHours(24));
        }
    }

    @Test
    void statementMayBeginWithManyLinesOfComment() {
        String comment = "-- why\n\n".repeat(20_000).indent(6);

        assertThat(read("metrics:\n  - name: a\n    sql: |\n" + comment + "      select 1 as value\n"))
                .hasSize(1);
    }

    @Test
    void secondDocumentIsNotPassedOverAndThereIsAnEndToTheirNumber() {
        String one = "metrics: [{name: a, sql: select 1}]\n";
        String many = IntStream.rangeClosed(0, 200)
                .mapToObj(i -> "  - {name: m" + i + ", sql: select 1}\n")
                .collect(Collectors.joining("", "metrics:\n", ""));

        assertThatThrownBy(() -> read(one + "---\n" + one)).hasMessageContaining("the file must be one document");
        assertThatThrownBy(() -> read(many)).hasMessageContaining("must hold at most 200 metrics, but holds 201");
        assertThat(read("---\n" + one + "...\n")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            'metrics: []'                                                   | holds no metrics
            'metrics: [{name: Shop, sql: select 1}]'                        | name must be
            'metrics: [{name: pg_up, sql: select 1}]'                       | those are ours
            'metrics: [{name: a, sql: "delete from t"}]'                    | must be one select
            'metrics: [{name: a, sql: "select 1; drop table t"}]'           | without a semicolon
            'metrics: [{name: a, sql: select 1, type: histogram}]'          | gauge or counter
            'metrics: [{name: a, sql: select 1, interval: never}]'          | must be such as 30s
            'metrics: [{name: a, sql: select 1, interval: 25h}]'            | 1s to 24h
            'metrics: [{name: a, sql: select 1, deadline: 1m}]'             | at most 3000 ms
            'metrics: [{name: a, sql: select 1, labels: [value]}]'          | labels must be
            'metrics: [{name: a, sql: select 1, query: x}]'                 | is not a file of metrics: line 1: metrics[0] has no field query; its fields are deadline, help, interval, labels, minimum-version, name, sql, type
            'metrics: [null]'                                               | must not hold an empty entry
            'metrics: [{name: a, sql: select 1, labels: [null]}]'           | labels must be
            'metrics: [{name: a, sql: select 1, labels: [b, b]}]'           | labels must differ
            'metrics: [{name: a, sql: select 1, labels: [__name__]}]'       | none that begins with __
            'metrics: [{name: a, sql: select 1, minimum-version: 250000}]'  | such as 16, but is 250000
            'metric: []'                                                    | line 1: the file has no field metric; its fields are metrics
            'metrics: [{name: a, sql: select 1, minimum-version: new}]'     | line 1: metrics[0].minimum-version must be a whole number
            'metrics: [{name: a, sql: select 1, labels: {a: b}}]'           | line 1: metrics[0].labels must be a list
            'metrics: [{name: a, sql: select 1}, {name: a, sql: select 1}]' | given twice
            'metrics: [{name: a, sql: select 1, minimum-version: 15.5}]'    | line 1: metrics[0].minimum-version
            '{metrics: [{name: a, sql: select 1}]} {metrics: []}'           | is not a file of metrics
            """)
    void wrongFileSaysWhatIsWrong(String yaml, String rule) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(rule)
                .message()
                .doesNotContain("pgcaretaker", "java.");
    }
}
