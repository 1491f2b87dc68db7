package io.pgcaretaker.monitoring.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.checks.Check;
import io.pgcaretaker.monitoring.collect.Pace;
import io.pgcaretaker.monitoring.collect.Probe;
import io.pgcaretaker.testing.TestDatabase;
import io.quarkus.runtime.configuration.DurationConverter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules that an operator writes, on what the collectors really see. */
class OperatorsRulesDbTest {

    private static final TestDatabase DATABASE = TestDatabase.createMigrated();

    private final Probe probe = new Probe(DATABASE.url(), Clock.systemUTC(), Duration.ofSeconds(4));

    @AfterEach
    void close() {
        probe.close();
    }

    private List<Rule> read(String yaml) {
        return new RulesFile(
                        DurationConverter::parseDuration, new MetricSource(probe.collectors()), Check.folder("checks"))
                .read(yaml, Set.of("long-query"));
    }

    private Observation look(Rule rule) {
        probe.run(probe.collectors().stream()
                .filter(collector -> collector.pace() != Pace.COSTLY)
                .toList());
        return rule.observe(probe.situation());
    }

    @Test
    void metricIsComparedWithItsThresholdAndSaysNoLabel() {
        Rule rule = read("""
                rules:
                  - name: many-connections
                    metric: pg_settings_max_connections
                    above: 5
                    for: 10m
                    severity: critical
                    labels: {team: shop}
                    summary: Somebody allows many connections
                    advice: Lower it.
                """).get(0);

        assertThat(rule.holdFor()).isEqualTo(Duration.ofMinutes(10));
        assertThat(rule.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(rule.fingerprint()).isEqualTo("many-connections{team=shop}");
        assertThat(rule.observe(probe.situation())).as("before the first look").isInstanceOf(Observation.Unknown.class);
        assertThat(look(rule)).isInstanceOfSatisfying(Observation.Wrong.class, wrong -> {
            assertThat(wrong.summary()).isEqualTo("Somebody allows many connections");
            assertThat(wrong.threshold()).isEqualTo("above 5");
        });
    }

    @Test
    void matchPicksSeriesAndAggregateMakesThemOneNumber() {
        List<Rule> rules = read("""
                rules:
                  - {name: largest, metric: pg_database_size_bytes, above: 1000}
                  - {name: smallest, metric: pg_database_size_bytes, aggregate: min, below: 1000}
                  - {name: none, metric: pg_database_size_bytes, match: {datname: nobodys}, above: 0}
                """);

        assertThat(look(rules.get(0))).isInstanceOf(Observation.Wrong.class);
        assertThat(look(rules.get(1))).isInstanceOf(Observation.Well.class);
        assertThat(look(rules.get(2))).isEqualTo(new Observation.Well("no such series"));
    }

    @Test
    void increaseCountsWhatACounterHasRisenSinceTheFirstLook() throws SQLException {
        Rule rule = read("""
                rules:
                  - name: rollbacks
                    metric: pg_stat_database_xact_rollback
                    increase: 10m
                    above: 3
                """).get(0);

        assertThat(look(rule)).isInstanceOf(Observation.Unknown.class);
        assertThat(look(rule)).isInstanceOf(Observation.Well.class);
        try (Connection connection = DATABASE.connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 5; i++) {
                statement.execute("begin");
                statement.execute("rollback");
            }
        }
        // A session hands its statistics in when it ends.
        await().untilAsserted(() -> assertThat(look(rule)).isInstanceOfSatisfying(Observation.Wrong.class, wrong -> {
            assertThat(Integer.parseInt(wrong.value())).isGreaterThanOrEqualTo(5);
            assertThat(wrong.threshold()).isEqualTo("above 3");
        }));
    }

    @Test
    void increaseForgetsWhatIsOlderThanItsWindowAndTakesAFallForAReset() {
        Increase increase = new Increase(Duration.ofMinutes(10));
        Map<String, String> series = Map.of("datname", "a");
        Instant start = Instant.parse("2030-01-01T00:00:00Z");

        assertThat(increase.with(Map.of(series, 100.0), start)).isEmpty();
        assertThat(increase.with(Map.of(series, 107.0), start.plusSeconds(60))).hasValue(7);
        assertThat(increase.with(Map.of(series, 2.0), start.plusSeconds(120))).hasValue(9);
        assertThat(increase.with(Map.of(series, 2.0), start.plusSeconds(661))).hasValue(2);
        assertThat(increase.with(Map.of(series, 2.0), start.plusSeconds(1300))).hasValue(0);
    }

    @Test
    void checkIsARuleByTheNumberOfItsFindings() throws SQLException {
        Rule rule = read("""
                rules:
                  - {name: no-keys, check: tables-without-primary-key, above: 0, severity: warning}
                """).get(0);
        Check check = Check.folder("checks").stream()
                .filter(candidate -> candidate.id().equals("tables-without-primary-key"))
                .findFirst()
                .orElseThrow();

        assertThat(rule.observe(probe.situation())).isInstanceOf(Observation.Unknown.class);
        DATABASE.execute("create table keyless (n integer)");
        probe.run(List.of(check.collector()));
        Situation situation = probe.situation();

        assertThat(rule.observe(situation)).isEqualTo(new Observation.Wrong("no keys", "1 found", "none"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {name: Long Query, metric: pg_up, above: 1}                                 | rule Long Query: name must be
            {name: long-query, metric: pg_locks_count, above: 1}                        | there is a rule of that name already
            null                                                                        | must not hold an empty entry
            {name: a, metric: pg_locks_count, above: NaN}                               | above and below must be numbers
            {name: a, metric: pg_locks_count, above: Infinity}                          | above and below must be numbers
            {name: a, metric: pg_locks_count, above: 1, match: {mode: }}                | must have a value for each name
            {name: a, metric: pg_locks_count, above: 1, labels: {team: }}               | must have a value for each name
            {name: a, above: 1}                                                         | needs either metric or check
            {name: a, metric: pg_nothing, above: 1}                                     | but is pg_nothing
            {name: a, metric: pg_locks_count}                                           | needs either above or below
            {name: a, metric: pg_locks_count, above: 1, below: 2}                       | needs either above or below
            {name: a, metric: pg_locks_count, above: 1, match: {tablename: x}}          | match names the label tablename, but pg_locks_count has
            {name: a, metric: pg_locks_count, above: 1, aggregate: mean}                | aggregate must be one of [max, min, sum], but is mean
            {name: a, metric: pg_locks_count, above: 1, increase: 1m, aggregate: max}   | leave out aggregate
            {name: a, metric: pg_locks_count, above: 1, increase: 0s}                   | increase must be more than 0, but is 0s
            {name: a, metric: pg_locks_count, above: 1, for: soon}                      | for must be such as 10m, but is soon
            {name: a, metric: pg_locks_count, above: 1, for: 90d}                       | for must be
            {name: a, metric: pg_locks_count, above: 1, severity: bad}                  | severity must be one of [warning, critical], but is bad
            {name: a, metric: pg_locks_count, above: 1, labels: {Te-am: x}}             | labels must have names
            {name: a, check: nothing}                                                   | but is nothing
            {name: a, check: tables-without-primary-key, below: 3}                                  | are for a metric
            {name: a, metric: pg_locks_count, above: 1, expr: x}                        | line 2: rules[0] has no field expr; its fields are above, advice, aggregate, below, check, for, increase, labels, match, metric, name, severity, summary
            {name: a, metric: pg_locks_count, above: much}                              | line 2: rules[0].above must be a number
            {name: a, metric: pg_locks_count, labels: x}                                | line 2: rules[0].labels must be a map of texts
            {name: a, metric: pg_locks_count, above: 1, above: 2}                       | line 2: rules[0]: Duplicate field 'above'
            just a text                                                                 | line 2: rules[0] must be a map of fields
            {name: a, metric: [}                                                        | line 2: rules[0].metric must be a text
            {name: a, metric: "pg_up                                                    | line 2: rules: while scanning a quoted scalar, found unexpected end of stream
            """)
    void wrongRuleIsNamedWithItsFieldAndWhatItMustBe(String rule, String message) {
        assertThatThrownBy(() -> read("rules:\n  - " + rule))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .message()
                .doesNotContain("pgcaretaker", "java.");
    }
}
