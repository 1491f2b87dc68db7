package io.pgcaretaker.monitoring.metrics;

import io.pgcaretaker.monitoring.Limits;
import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.collect.Row;
import io.pgcaretaker.monitoring.metrics.MetricsReport.Connections;
import io.pgcaretaker.monitoring.metrics.MetricsReport.Count;
import io.pgcaretaker.monitoring.metrics.MetricsReport.Part;
import io.pgcaretaker.monitoring.metrics.MetricsReport.Queries;
import io.pgcaretaker.monitoring.metrics.MetricsReport.Resources;
import io.pgcaretaker.monitoring.metrics.MetricsReport.Running;
import io.pgcaretaker.monitoring.metrics.MetricsReport.Statement;
import io.pgcaretaker.monitoring.metrics.MetricsReport.Storage;
import io.pgcaretaker.monitoring.metrics.MetricsReport.Table;
import io.pgcaretaker.monitoring.metrics.MetricsReport.Tokens;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Arranges what the collectors saw into the report. */
final class MetricsView {

    private static final int MOST_NAMES = 20;
    private static final int MOST_QUERIES = 20;
    private static final int MOST_STATEMENTS = 10;

    private final Limits limits;

    MetricsView(Limits limits) {
        this.limits = limits;
    }

    MetricsReport of(Situation situation) {
        Parts parts = new Parts(situation);
        return new MetricsReport(
                situation.now(),
                parts.of(situation::isFreshFast, () -> connections(situation), "connections", "server"),
                queries(situation, parts),
                parts.of(situation::isFreshSlow, () -> storage(situation), "database", "largest_tables"),
                tokens(situation, parts),
                parts.of(situation::isFreshMedium, () -> resources(situation), "stat_database"));
    }

    private static Connections connections(Situation situation) {
        List<Row> rows = situation.reading("connections").rows().list();
        long limit = situation.connectionsLimit();
        Long used = situation.connectionsUsed().isPresent()
                ? situation.connectionsUsed().getAsLong()
                : null;
        return new Connections(
                used,
                limit,
                situation.reading("server").rows().single().count("superuser_reserved_connections"),
                used == null || limit == 0 ? null : (Double) round(100.0 * used / limit),
                count(rows, "state"),
                count(rows, "application"),
                count(rows, "user"),
                count(rows, "database"));
    }

    private static List<Count> count(List<Row> rows, String column) {
        Map<String, Long> counts = rows.stream()
                .collect(Collectors.groupingBy(
                        row -> row.text(column), TreeMap::new, Collectors.summingLong(row -> row.count("count"))));
        return counts.entrySet().stream()
                .map(entry -> new Count(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingLong(Count::count).reversed().thenComparing(Count::name))
                .limit(MOST_NAMES)
                .toList();
    }

    private Part<Queries> queries(Situation situation, Parts parts) {
        return parts.of(
                name -> name.equals("statements") ? situation.isFreshCostly(name) : situation.isFreshFast(name),
                () -> new Queries(
                        situation.reading("running_queries").rows().list().size(),
                        situation.queriesOver(limits.longQuery()).size(),
                        limits.longQuery().toMillis() / 1000.0,
                        situation.reading("running_queries").rows().list().stream()
                                .limit(MOST_QUERIES)
                                .map(MetricsView::running)
                                .toList(),
                        statements(situation)),
                "running_queries",
                "statements");
    }

    private static Running running(Row row) {
        return new Running(
                row.count("pid"),
                row.text("database"),
                row.text("user"),
                row.text("application"),
                round(row.number("seconds")),
                row.text("waiting_for"),
                Arrays.stream(row.text("blocked_by").split(",", -1))
                        .filter(pid -> !pid.isEmpty())
                        .map(Long::valueOf)
                        .toList(),
                row.text("query"));
    }

    private static List<Statement> statements(Situation situation) {
        Map<String, String> texts = situation.reading("statement_texts").rows().list().stream()
                .collect(Collectors.toMap(row -> row.text("query_id"), row -> row.text("query")));
        return situation.reading("statements").rows().list().stream()
                .filter(row -> row.flag("own"))
                .limit(MOST_STATEMENTS)
                .map(row -> statement(row, texts.getOrDefault(row.text("queryid"), "")))
                .toList();
    }

    /** The text comes from a rarer look and may still be empty. */
    private static Statement statement(Row row, String text) {
        double hit = row.number("shared_blks_hit");
        double all = hit + row.number("shared_blks_read");
        return new Statement(
                row.text("queryid"),
                row.text("user"),
                row.count("calls"),
                round(row.number("total_ms")),
                round(row.number("mean_ms")),
                row.count("rows"),
                all == 0 ? 1 : round(hit / all),
                text);
    }

    private Storage storage(Situation situation) {
        OptionalDouble size = situation.databaseBytes();
        Long limit = limits.storageBytes();
        Double bytes = size.isPresent() ? size.getAsDouble() : null;
        return new Storage(
                bytes,
                limit,
                bytes == null || limit == null ? null : round(100 * bytes / limit),
                situation.reading("largest_tables").rows().list().stream()
                        .map(row -> new Table(
                                row.text("schema"),
                                row.text("table"),
                                row.number("rows"),
                                row.count("table_bytes"),
                                row.count("index_bytes")))
                        .toList());
    }

    private static Part<Tokens> tokens(Situation situation, Parts parts) {
        List<Row> rows = situation.reading("tokens").rows().list();
        if (situation.isFreshSlow("tokens") && rows.isEmpty()) {
            return new Part<>(
                    "skipped",
                    situation.reading("tokens").ageSeconds(situation.now()),
                    List.of("tokens skipped: no such table (caretaker.monitoring.tokens.table)"),
                    null);
        }
        return parts.of(
                situation::isFreshSlow,
                () -> {
                    Row row = situation.reading("tokens").rows().single();
                    return new Tokens(row.count("total"), row.count("expired"), row.count("used"));
                },
                "tokens");
    }

    private static Resources resources(Situation situation) {
        Row own = situation.reading("stat_database").rows().list().stream()
                .filter(row -> row.flag("own"))
                .findFirst()
                .orElseGet(() -> situation.reading("stat_database").rows().single());
        return new Resources(
                ratio(own.number("blks_hit"), own.number("blks_read")),
                own.count("xact_commit"),
                own.count("xact_rollback"),
                own.count("temp_files"),
                own.count("temp_bytes"),
                own.count("deadlocks"),
                own.instant("since"),
                jvm());
    }

    private static @Nullable Double ratio(double hit, double read) {
        return hit + read > 0 ? round(hit / (hit + read)) : null;
    }

    private static MetricsReport.Jvm jvm() {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        return new MetricsReport.Jvm(
                heap.getUsed(),
                heap.getMax(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0);
    }

    /** Four digits after the point say more than was measured. */
    private static double round(double value) {
        return Math.round(value * 10_000) / 10_000.0;
    }
}
