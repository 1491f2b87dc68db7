package io.pgcaretaker.monitoring.custom;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.pgcaretaker.monitoring.OperatorsFile;
import io.pgcaretaker.monitoring.YamlFault;
import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.collect.Family;
import io.pgcaretaker.monitoring.collect.VersionRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the operator's metrics. A message names the metric and the rule. */
final class CustomMetricsFile {

    /** Each is a statement of its own on one connection. */
    private static final int MOST = 200;

    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,127}");
    private static final Pattern BEGINNING =
            Pattern.compile("(?is)(?:\\s++|--[^\\n]*+\\n|/\\*.*?\\*/)*+(select|with|values)\\b.*");
    private static final int NEWEST = 999;
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofHours(24);

    private final Function<String, Duration> durations;

    /** @param durations reads such as {@code 30s} or {@code PT30S} */
    CustomMetricsFile(Function<String, Duration> durations) {
        this.durations = durations;
    }

    private record Document(@Nullable List<Entry> metrics) {}

    private record Entry(
            @Nullable String name,
            @Nullable String help,
            @Nullable String type,
            @Nullable String sql,
            @Nullable List<String> labels,
            @Nullable String interval,
            @Nullable String deadline,
            @JsonProperty("minimum-version") @Nullable Integer minimumVersion) {}

    /** @throws IllegalArgumentException naming the metric and the rule */
    List<Collector> read(String yaml, Duration longestDeadline) {
        Document document;
        try {
            document = OperatorsFile.YAML.readValue(yaml, Document.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("is not a file of metrics: " + YamlFault.words(e), e);
        }
        if (document == null || document.metrics() == null || document.metrics().isEmpty()) {
            throw new IllegalArgumentException("holds no metrics");
        }
        if (document.metrics().size() > MOST) {
            throw new IllegalArgumentException("must hold at most " + MOST + " metrics, but holds "
                    + document.metrics().size());
        }
        List<Collector> collectors = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Entry entry : document.metrics()) {
            if (entry == null) {
                throw new IllegalArgumentException("metrics must not hold an empty entry");
            }
            if (!names.add(String.valueOf(entry.name()))) {
                throw new IllegalArgumentException("metric " + entry.name() + " is given twice");
            }
            collectors.add(collector(entry, longestDeadline));
        }
        return collectors;
    }

    private Collector collector(Entry entry, Duration longestDeadline) {
        String name = entry.name();
        if (name == null || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("metric " + name + ": name must be a-z, 0-9 and _");
        }
        if (name.startsWith("pg_") || name.startsWith("caretaker_") || name.startsWith("process_")) {
            throw wrong(name, "name must not begin with pg_, caretaker_ or process_: those are ours");
        }
        List<String> labels = entry.labels() == null ? List.of() : entry.labels();
        if (labels.stream().anyMatch(label -> !isLabel(label))) {
            throw wrong(name, "labels must be columns of a-z, 0-9 and _, not value, and none that begins with __");
        }
        if (new HashSet<>(labels).size() < labels.size()) {
            throw wrong(name, "labels must differ");
        }
        String sql = entry.sql() == null ? "" : entry.sql().strip().replaceFirst(";$", "");
        if (!BEGINNING.matcher(sql).matches() || sql.contains(";")) {
            throw wrong(name, "sql must be one select, without a semicolon inside");
        }
        Duration every = duration(name, "interval", entry.interval(), Duration.ofMinutes(1));
        if (every.compareTo(SHORTEST) < 0 || every.compareTo(LONGEST) > 0) {
            throw wrong(name, "interval must be 1s to 24h");
        }
        Duration deadline = duration(name, "deadline", entry.deadline(), longestDeadline);
        if (deadline.isNegative() || deadline.isZero() || deadline.compareTo(longestDeadline) > 0) {
            throw wrong(name, "deadline must be at most " + longestDeadline.toMillis() + " ms");
        }
        int version = entry.minimumVersion() == null ? 0 : entry.minimumVersion();
        if (version < 0 || version > NEWEST) {
            throw wrong(name, "minimum-version must be a major version, such as 16, but is " + version);
        }
        int from = version * 10_000;
        String help = entry.help() == null ? name : entry.help();
        return new CustomCollector(
                "custom:" + name,
                new VersionRange(from, Integer.MAX_VALUE),
                List.of(new Family(name, type(name, entry.type()), help, "value", labels)),
                "/* caretaker.custom." + name + " */ " + sql,
                every,
                deadline);
    }

    /** Prometheus keeps names that begin with two underscores to itself. */
    private static boolean isLabel(@Nullable String label) {
        return label != null && NAME.matcher(label).matches() && !label.equals("value") && !label.startsWith("__");
    }

    private static Family.Type type(String name, @Nullable String type) {
        return switch (type == null ? "gauge" : type.toLowerCase(Locale.ROOT)) {
            case "gauge" -> Family.Type.GAUGE;
            case "counter" -> Family.Type.COUNTER;
            default -> throw wrong(name, "type must be gauge or counter, but is " + type);
        };
    }

    private Duration duration(String name, String field, @Nullable String text, Duration otherwise) {
        if (text == null) {
            return otherwise;
        }
        try {
            return durations.apply(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "metric " + name + ": " + field + " must be such as 30s, but is " + text, e);
        }
    }

    private static IllegalArgumentException wrong(String name, String rule) {
        return new IllegalArgumentException("metric " + name + ": " + rule);
    }
}
