package io.pgcaretaker.monitoring.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.testing.TestDatabase;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TopTablesDbTest {

    private static final int NAMED = 3;

    private final TestDatabase database = TestDatabase.create();
    private final Probe probe = new Probe(database.url(), Clock.systemUTC(), Duration.ofSeconds(10), NAMED);
    private final List<Collector> tables = probe.collectors().stream()
            .filter(collector ->
                    Set.of("stat_user_tables", "statio_user_indexes").contains(collector.name()))
            .toList();

    @AfterEach
    void close() {
        probe.close();
    }

    private void table(String name, int rows) {
        database.execute("create table " + name + " (id int primary key, text text);" + "insert into " + name
                + " select i, repeat('x', 200) from generate_series(1, " + rows + ") i");
        database.execute("vacuum analyze " + name);
    }

    private Set<String> named() {
        return probe.readings.of("stat_user_tables").rows().list().stream()
                .filter(row -> !row.text("schemaname").isEmpty())
                .map(row -> row.text("relname"))
                .collect(Collectors.toSet());
    }

    private long sum(String column) {
        return probe.readings.of("stat_user_tables").rows().list().stream()
                .mapToLong(row -> row.count(column))
                .sum();
    }

    @Test
    void firstFewAreNamedAndAllOthersAreOneRowSoThatSumsStayRight() {
        for (int i = 1; i <= 8; i++) {
            table("t" + i, 100 * i);
        }
        database.execute("update t8 set text = 'y' where id <= 50; delete from t1 where id <= 10;"
                + "select * from t2; select text from t3 where id = 7");
        // A session hands its statistics in when it ends; up to PostgreSQL 14 a process of their own writes them down.
        await().until(() -> database.queryLong("select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables")
                == 3600 + 50 + 10);

        probe.run(tables);

        assertThat(probe.readings.of("stat_user_tables").reason()).isNull();
        assertThat(named()).hasSize(NAMED).contains("t8");
        assertThat(probe.readings.of("stat_user_tables").rows().list())
                .filteredOn(row -> row.text("schemaname").isEmpty())
                .singleElement()
                .satisfies(other -> {
                    assertThat(other.text("relname")).isEqualTo("other");
                    assertThat(other.count("tables")).isEqualTo(5);
                });
        for (String column : List.of(
                "seq_scan",
                "seq_tup_read",
                "idx_scan",
                "idx_tup_fetch",
                "n_tup_ins",
                "n_tup_upd",
                "n_tup_del",
                "n_tup_hot_upd",
                "n_live_tup",
                "n_dead_tup",
                "vacuum_count",
                "analyze_count")) {
            assertThat(sum(column))
                    .as(column)
                    .isEqualTo(database.queryLong("select sum(" + column + ") from pg_stat_user_tables"));
        }
        Map.of(
                        "heap_hit", "heap_blks_hit",
                        "heap_read", "heap_blks_read",
                        "idx_hit", "idx_blks_hit",
                        "toast_hit", "toast_blks_hit",
                        "tidx_read", "tidx_blks_read")
                .forEach((column, theirs) -> assertThat(sum(column))
                        .as(column)
                        .isEqualTo(database.queryLong(
                                "select coalesce(sum(" + theirs + "), 0) from pg_statio_user_tables")));
        assertThat(sum("table_size_bytes") + sum("index_size_bytes"))
                .isEqualTo(database.queryLong("select sum(relpages) * 8192 from pg_class"
                        + " where oid >= 16384 and not (relkind = 'i' and relnamespace = 'pg_toast'::regnamespace)"));
    }

    @Test
    void whoIsNamedStaysUntilAnotherOutweighsItByHalf() {
        table("a", 1000);
        table("b", 1000);
        table("c", 1000);
        table("d", 900);
        probe.run(tables);
        assertThat(named()).containsExactlyInAnyOrder("a", "b", "c");

        database.execute("insert into d select i, repeat('x', 200) from generate_series(901, 1200) i");
        database.execute("vacuum analyze d");
        probe.run(tables);
        assertThat(named()).containsExactlyInAnyOrder("a", "b", "c");

        database.execute("insert into d select i, repeat('x', 200) from generate_series(1201, 3000) i");
        database.execute("vacuum analyze d");
        probe.run(tables);
        assertThat(named()).contains("d").hasSize(NAMED);
    }

    @Test
    void overItsBudgetACollectorShowsAggregatesAndSaysSo() {
        table("a", 100);
        try (Probe poor = new Probe(database.url(), Clock.systemUTC(), Duration.ofSeconds(10), NAMED, Duration.ZERO)) {
            Collector collector = poor.collectors().stream()
                    .filter(each -> each.name().equals("stat_user_tables"))
                    .findFirst()
                    .orElseThrow();
            poor.run(List.of(collector));
            assertThat(collector.isDegraded()).isFalse();

            poor.run(List.of(collector));
            assertThat(collector.isDegraded()).isTrue();

            poor.run(List.of(collector));
            Row only = poor.readings.of("stat_user_tables").rows().single();
            assertThat(only.text("relname")).isEqualTo("other");
            assertThat(only.count("n_live_tup")).isEqualTo(100);
            assertThat(poor.readings.cost("stat_user_tables").looks()).isEqualTo(3);
            assertThat(poor.readings.cost("stat_user_tables").bytes()).isPositive();
            assertThat(poor.exposition(io.pgcaretaker.monitoring.MonitoringConfig.Compat.NONE))
                    .contains("caretaker_collector_degraded{collector=\"stat_user_tables\"} 1\n");
        }
    }
}
