package io.pgcaretaker.cleanup.policy;

import static io.pgcaretaker.cleanup.policy.PolicyParts.required;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Policies as a YAML file writes them. Everything that is unknown, missing or absurd is an error that says where. */
final class PolicyFile {

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            // A number is no word, a word no number, and a part of a number none at all: 1 is not "enforce".
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            // What is said twice, or in a second document, was not meant to be passed over.
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .build();

    private static final Duration BATCH_TARGET = Duration.ofMillis(100);

    private PolicyFile() {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException naming the policy and the rule
     */
    static List<RetentionPolicy> read(String yaml, Mode globalMode) {
        PolicyDocument document;
        try {
            PolicySpelling.check(YAML, yaml);
            document = YAML.readValue(yaml, PolicyDocument.class);
        } catch (MismatchedInputException e) {
            throw new IllegalArgumentException(PolicySpelling.describe(e) + place(e), e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("is not a policy file: " + e.getOriginalMessage() + place(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (document == null
                || document.policies() == null
                || document.policies().isEmpty()) {
            // An emptied file must not look like "nothing to do".
            throw new IllegalArgumentException("holds no policies");
        }
        List<RetentionPolicy> policies = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (PolicyDocument.Entry entry : PolicyParts.all("policies", document.policies())) {
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

    private static RetentionPolicy policy(PolicyDocument.Entry entry, Mode globalMode) {
        try {
            PolicyDocument.Age age = required(entry.age(), "age");
            PolicyDocument.FileLimits limits = required(entry.limits(), "limits");
            ZoneId zone = PolicyParts.zone(age.zone() == null ? "UTC" : age.zone());
            String description = entry.description();
            return new RetentionPolicy(
                    required(entry.name(), "name"),
                    description == null ? "" : description,
                    entry.schema(),
                    required(entry.table(), "table"),
                    PolicyParts.all("key", entry.key()),
                    new AgeColumn(
                            required(age.column(), "age.column"),
                            required(age.means(), "age.means"),
                            zone,
                            age.epoch()),
                    Retention.parse(required(entry.retention(), "retention")),
                    PolicyParts.all("filter", entry.filter()).stream()
                            .map(PolicyParts::condition)
                            .toList(),
                    PolicyParts.action(entry.action(), PolicyParts.all("mask", entry.mask())),
                    PolicyParts.all("dependents", entry.dependents()),
                    PolicyParts.all("triggers", entry.triggers()),
                    PolicyParts.all("restore", entry.restore()).stream()
                            .map(PolicyParts::assignment)
                            .toList(),
                    PolicyParts.all("restore-dependents", entry.restoreDependents()).stream()
                            .map(PolicyParts::restoredDependent)
                            .toList(),
                    PolicyParts.rhythm(entry.every(), entry.cron()),
                    new Limits(
                            required(limits.maxRows(), "limits.max-rows"),
                            required(limits.maxFraction(), "limits.max-fraction")),
                    effective(globalMode, entry.mode()),
                    new Pace(
                            entry.batchTarget() == null
                                    ? BATCH_TARGET
                                    : PolicyParts.duration("batch-target", entry.batchTarget()),
                            entry.nice(),
                            entry.window() == null ? null : DayWindow.parse(entry.window(), zone)),
                    Boolean.TRUE.equals(entry.optional()),
                    Boolean.TRUE.equals(entry.rememberKeys()),
                    PolicyParts.notice(entry.notice()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("policy '" + entry.name() + "': " + e.getMessage(), e);
        }
    }

    /** Shadow wins: whoever says "do not delete" is obeyed. */
    static Mode effective(Mode global, @Nullable Mode own) {
        return global == Mode.SHADOW || own == Mode.SHADOW ? Mode.SHADOW : Mode.ENFORCE;
    }
}
