package io.pgcaretaker.cleanup.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Policies as a YAML file writes them. Everything that is unknown, missing or absurd is an error that says where. */
final class PolicyFile {

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .build();

    private static final Duration BATCH_TARGET = Duration.ofMillis(100);

    /** What a file holds, each policy still as written. */
    record Document(@Nullable List<Entry> policies) {}

    /** One policy as written; absent parts are null. {@code is} and {@code to} are YAML scalars: true, false, null. */
    record Entry(
            @Nullable String name,
            @Nullable String description,
            @Nullable String schema,
            @Nullable String table,
            @Nullable List<String> key,
            @Nullable Age age,
            @Nullable String retention,
            @Nullable List<Map<String, JsonNode>> filter,
            @Nullable List<String> dependents,
            @Nullable List<String> triggers,
            @Nullable List<Map<String, JsonNode>> restore,
            @Nullable String every,
            @Nullable FileLimits limits,
            @Nullable Mode mode,
            @Nullable String batchTarget) {}

    record Age(
            @Nullable String column,
            AgeColumn.@Nullable Means means,
            @Nullable String zone) {}

    record FileLimits(
            @JsonProperty("max-rows") @Nullable Long maxRows,
            @JsonProperty("max-fraction") @Nullable Double maxFraction) {}

    private PolicyFile() {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException naming the policy and the rule
     */
    static List<RetentionPolicy> read(String yaml, Mode globalMode) {
        Document document;
        try {
            document = YAML.readValue(yaml, Document.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("is not a policy file: " + e.getOriginalMessage() + place(e), e);
        }
        if (document == null
                || document.policies() == null
                || document.policies().isEmpty()) {
            // An emptied file must not look like "nothing to do".
            throw new IllegalArgumentException("holds no policies");
        }
        List<RetentionPolicy> policies = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Entry entry : document.policies()) {
            policies.add(policy(entry, globalMode));
            if (!names.add(String.valueOf(entry.name()))) {
                throw new IllegalArgumentException("policy '" + entry.name() + "' is given twice");
            }
        }
        return policies;
    }

    private static String place(JsonProcessingException e) {
        return e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
    }

    private static RetentionPolicy policy(Entry entry, Mode globalMode) {
        try {
            Age age = required(entry.age(), "age");
            FileLimits limits = required(entry.limits(), "limits");
            String description = entry.description();
            return new RetentionPolicy(
                    required(entry.name(), "name"),
                    description == null ? "" : description,
                    entry.schema(),
                    required(entry.table(), "table"),
                    orEmpty(entry.key()),
                    new AgeColumn(
                            required(age.column(), "age.column"),
                            required(age.means(), "age.means"),
                            zone(age.zone() == null ? "UTC" : age.zone())),
                    Retention.parse(required(entry.retention(), "retention")),
                    orEmpty(entry.filter()).stream().map(PolicyFile::condition).toList(),
                    orEmpty(entry.dependents()),
                    orEmpty(entry.triggers()),
                    orEmpty(entry.restore()).stream()
                            .map(PolicyFile::assignment)
                            .toList(),
                    duration("every", required(entry.every(), "every")),
                    new Limits(
                            required(limits.maxRows(), "limits.max-rows"),
                            required(limits.maxFraction(), "limits.max-fraction")),
                    effective(globalMode, entry.mode()),
                    entry.batchTarget() == null ? BATCH_TARGET : duration("batch-target", entry.batchTarget()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("policy '" + entry.name() + "': " + e.getMessage(), e);
        }
    }

    /** Shadow wins: whoever says "do not delete" is obeyed. */
    static Mode effective(Mode global, @Nullable Mode own) {
        return global == Mode.SHADOW || own == Mode.SHADOW ? Mode.SHADOW : Mode.ENFORCE;
    }

    static ZoneId zone(String zone) {
        try {
            return ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("zone must be like UTC or Europe/Berlin, but is '" + zone + "'", e);
        }
    }

    private static Duration duration(String field, String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(field + " must be like PT24H or PT0.1S, but is '" + text + "'", e);
        }
    }

    private static Condition condition(Map<String, JsonNode> written) {
        knownOnly(written, Set.of("column", "is", "in"));
        String column = column(written, "filter");
        JsonNode values = written.get("in");
        List<String> in = new ArrayList<>();
        if (values != null) {
            values.forEach(value -> in.add(value.asText()));
        }
        return new Condition(column, written.containsKey("is") ? is(written.get("is")) : null, in);
    }

    private static RetentionPolicy.Assignment assignment(Map<String, JsonNode> written) {
        knownOnly(written, Set.of("column", "to"));
        return new RetentionPolicy.Assignment(column(written, "restore"), is(written.get("to")));
    }

    private static String column(Map<String, JsonNode> written, String where) {
        JsonNode column = written.get("column");
        return required(column == null ? null : column.asText(), where + ".column");
    }

    private static void knownOnly(Map<String, JsonNode> written, Set<String> known) {
        for (String name : written.keySet()) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("'" + name + "' is not known; known are "
                        + known.stream().sorted().collect(Collectors.joining(", ")));
            }
        }
    }

    private static Condition.Is is(@Nullable JsonNode value) {
        String text = value == null || value.isNull() ? "null" : value.asText();
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> Condition.Is.TRUE;
            case "false" -> Condition.Is.FALSE;
            case "null" -> Condition.Is.NULL;
            case "not-null" -> Condition.Is.NOT_NULL;
            default ->
                throw new IllegalArgumentException("must be true, false, null or not-null, but is '" + text + "'");
        };
    }

    private static <T> T required(@Nullable T value, String field) {
        if (value == null) {
            throw new IllegalArgumentException(field + " is missing");
        }
        return value;
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
