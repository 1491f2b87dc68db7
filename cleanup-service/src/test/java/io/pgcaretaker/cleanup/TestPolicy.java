package io.pgcaretaker.cleanup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** A policy as an operator writes it: what all of them need is said here, and what a test is about in the test. */
public final class TestPolicy {

    private final Map<String, String> lines;

    private TestPolicy(Map<String, String> lines) {
        this.lines = lines;
    }

    /** On rows whose age is in the column {@code at}, with limits that nothing reaches by chance. */
    public static TestPolicy of(String name, String table, String retention) {
        return new TestPolicy(Map.of())
                .with("name", name)
                .with("table", table)
                .age("at")
                .with("retention", retention)
                .with("every", "PT1H")
                .limits(1_000_000, 1);
    }

    /** One line more, or another in the place of the one with this key; the value is YAML. */
    public TestPolicy with(String key, String value) {
        Map<String, String> changed = new LinkedHashMap<>(lines);
        changed.put(key, value);
        return new TestPolicy(changed);
    }

    public TestPolicy age(String column) {
        return with("age", "{ column: " + column + ", means: event }");
    }

    public TestPolicy limits(long maxRows, double maxFraction) {
        return with("limits", "{ max-rows: " + maxRows + ", max-fraction: " + maxFraction + " }");
    }

    /** For a service that reads this policy beside those that are shipped. */
    public Map<String, String> settings() {
        return settings(Map.of());
    }

    public Map<String, String> settings(Map<String, String> others) {
        return settings(others, this);
    }

    public static Map<String, String> settings(Map<String, String> others, TestPolicy... policies) {
        Map<String, String> settings = new HashMap<>(others);
        settings.put("policies-file", file(policies).toString());
        return settings;
    }

    private static Path file(TestPolicy... policies) {
        try {
            Path file = Files.createTempFile("policies", ".yaml");
            file.toFile().deleteOnExit();
            return Files.writeString(
                    file,
                    "policies:\n"
                            + Arrays.stream(policies).map(TestPolicy::yaml).collect(Collectors.joining()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String yaml() {
        return lines.entrySet().stream()
                .map(line -> line.getKey() + ": " + line.getValue() + "\n")
                .collect(Collectors.joining("    ", "  - ", ""));
    }
}
