package io.pgcaretaker.monitoring.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.pgcaretaker.monitoring.MonitoringConfig.Compat;
import io.pgcaretaker.sample.SampleApplication;
import io.pgcaretaker.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CatalogueDbTest {

    private static final TestDatabase DATABASE = TestDatabase.createMigrated();
    private static Probe probe;

    @BeforeAll
    static void collectOnce() throws SQLException {
        DATABASE.execute("create extension pg_stat_statements; create extension pg_buffercache");
        DATABASE.execute("create schema shop");
        try (Connection connection = DATABASE.connect()) {
            connection.setSchema("shop");
            SampleApplication.load(connection);
        }
        probe = new Probe(DATABASE.url(), Clock.systemUTC(), Duration.ofSeconds(10));
        probe.all();
    }

    @AfterAll
    static void close() {
        probe.close();
    }

    @Test
    void textThatIsNotKeptIsTheSame() {
        List<String> texts = probe.keptAndMade(Compat.LEGACY);

        assertThat(texts.get(0)).contains("\npg_stat_database_xact_commit{").isEqualTo(texts.get(1));
    }

    @Test
    void everyCollectorHasAnAnswer() {
        int version = (int) DATABASE.queryLong("select current_setting('server_version_num')::bigint");
        Map<String, List<Collector>> byName =
                probe.collectors().stream().collect(Collectors.groupingBy(Collector::name));
        byName.forEach((name, collectors) -> {
            boolean speaks =
                    collectors.stream().anyMatch(each -> each.versions().contains(version));
            assertThat(probe.readings.of(name))
                    .as(name)
                    .extracting(Reading::outcome, Reading::reason)
                    .containsExactly(
                            speaks ? CollectOutcome.OK : CollectOutcome.SKIPPED,
                            speaks
                                    ? null
                                    : "needs " + collectors.get(0).versions().words());
        });
    }

    @Test
    void indexNamesEveryFile() throws Exception {
        for (String folder : new String[] {"collectors", "checks", "audit"}) {
            Path path = Path.of("src/main/resources", folder);
            try (Stream<Path> files = Files.list(path)) {
                assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".sql")))
                        .containsExactlyInAnyOrderElementsOf(Files.readAllLines(path.resolve("index")));
            }
        }
    }

    @Test
    void tokensAreCountedInWhateverSchemaTheyAre() {
        Row tokens = probe.readings.of("tokens").rows().single();

        assertThat(tokens.count("total")).isEqualTo(20_000);
        assertThat(tokens.count("expired")).isEqualTo(5_000);
        assertThat(tokens.count("used")).isEqualTo(10_000);
    }

    @Test
    void largestTablesComeFirst() {
        assertThat(probe.readings.of("largest_tables").rows().list().get(0).text("table"))
                .isIn("prompts", "user_sessions");
    }

    @Test
    void sizeOfTheOwnDatabaseIsKnown() {
        assertThat(probe.readings.of("database").rows().list())
                .filteredOn(row -> row.flag("own"))
                .singleElement()
                .satisfies(row -> assertThat(row.count("size_bytes"))
                        // It was looked at a moment ago, and maps of free space come and go.
                        .isCloseTo(
                                DATABASE.queryLong("select pg_database_size(current_database())"),
                                withinPercentage(2)));
    }

    @Test
    void statementsAreRankedByTime() {
        assertThat(probe.readings.of("statements").rows().list()).isNotEmpty();
        assertThat(probe.readings.of("statement_texts").rows().list()).isNotEmpty();
    }
}
