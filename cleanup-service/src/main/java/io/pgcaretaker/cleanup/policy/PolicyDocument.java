package io.pgcaretaker.cleanup.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a policies file holds, each policy still as written; absent parts are null. */
record PolicyDocument(@Nullable List<Entry> policies) {

    /** One policy. {@code is}, {@code to} and {@code with} are YAML scalars: true, false, null. */
    record Entry(
            @Nullable String name,
            @Nullable String description,
            @Nullable String schema,
            @Nullable String table,
            @Nullable List<String> key,
            @Nullable Age age,
            @Nullable String retention,
            @Nullable List<Map<String, JsonNode>> filter,
            @Nullable String action,
            @Nullable List<Map<String, JsonNode>> mask,
            @Nullable List<String> dependents,
            @Nullable List<String> triggers,
            @Nullable List<Map<String, JsonNode>> restore,
            @Nullable List<FileRestored> restoreDependents,
            @Nullable String every,
            @Nullable String cron,
            @Nullable String window,
            @Nullable FileLimits limits,
            @Nullable Mode mode,
            @Nullable String batchTarget,
            @Nullable Double nice,
            @Nullable Boolean optional,
            @Nullable Boolean rememberKeys,
            @Nullable FileNotice notice) {}

    record FileRestored(
            @Nullable String table,
            @Nullable String column,
            @Nullable String within,
            @Nullable List<Map<String, JsonNode>> set) {}

    record FileNotice(
            @Nullable String before,
            @JsonProperty("email-column") @Nullable String emailColumn,
            @JsonProperty("name-column") @Nullable String nameColumn,
            Notice.@Nullable Undeliverable undeliverable) {}

    record Age(
            @Nullable String column,
            AgeColumn.@Nullable Means means,
            @Nullable String zone,
            AgeColumn.@Nullable Epoch epoch) {}

    record FileLimits(
            @JsonProperty("max-rows") @Nullable Long maxRows,
            @JsonProperty("max-fraction") @Nullable Double maxFraction) {}
}
