package io.pgcaretaker.monitoring.alert;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.pgcaretaker.monitoring.OperatorsFile;
import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.YamlFault;
import io.pgcaretaker.monitoring.checks.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the operator's alert rules. A message names the rule, the field and what it must be. */
final class RulesFile {

    /** All are looked at in one transaction every few seconds. */
    private static final int MOST = 500;

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");
    private static final Pattern LABEL = Pattern.compile("[a-z_][a-z0-9_]{0,62}");
    private static final Duration LONGEST = Duration.ofDays(7);

    private final Function<String, Duration> durations;
    private final MetricSource source;
    private final List<Check> checks;

    /** @param durations reads such as {@code 30s} or {@code PT30S} */
    RulesFile(Function<String, Duration> durations, MetricSource source, List<Check> checks) {
        this.durations = durations;
        this.source = source;
        this.checks = List.copyOf(checks);
    }

    private record Document(@Nullable List<Entry> rules) {}

    private record Entry(
            @Nullable String name,
            @Nullable String metric,
            @Nullable Map<String, String> match,
            @Nullable String aggregate,
            @Nullable String increase,
            @Nullable String check,
            @Nullable Double above,
            @Nullable Double below,
            @JsonProperty("for") @Nullable String holdFor,
            @Nullable String severity,
            @Nullable Map<String, String> labels,
            @Nullable String summary,
            @Nullable String advice) {}

    /**
     * The rules of a file.
     *
     * @param taken names of rules that there are already
     * @throws IllegalArgumentException naming the rule and the field
     */
    List<Rule> read(String yaml, Set<String> taken) {
        Document document;
        try {
            document = OperatorsFile.YAML.readValue(yaml, Document.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("is not a file of rules: " + YamlFault.words(e), e);
        }
        if (document == null || document.rules() == null || document.rules().isEmpty()) {
            throw new IllegalArgumentException("holds no rules");
        }
        if (document.rules().size() > MOST) {
            throw new IllegalArgumentException("must hold at most " + MOST + " rules, but holds "
                    + document.rules().size());
        }
        Set<String> names = new HashSet<>(taken);
        List<Rule> rules = new ArrayList<>();
        for (Entry entry : document.rules()) {
            if (entry == null) {
                throw new IllegalArgumentException("rules must not hold an empty entry");
            }
            String name = entry.name();
            if (name == null || !NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("rule " + name + ": name must be a-z, 0-9 and -");
            }
            if (!names.add(name)) {
                throw wrong(name, "there is a rule of that name already");
            }
            rules.add(rule(name, entry));
        }
        return rules;
    }

    private Rule rule(String name, Entry entry) {
        if ((entry.metric() == null) == (entry.check() == null)) {
            throw wrong(name, "needs either metric or check");
        }
        Map<String, String> labels = orEmpty(entry.labels());
        if (hasEmpty(labels) || hasEmpty(orEmpty(entry.match()))) {
            throw wrong(name, "labels and match must have a value for each name");
        }
        if (!isNumber(entry.above()) || !isNumber(entry.below())) {
            throw wrong(name, "above and below must be numbers, not NaN or infinite");
        }
        if (labels.keySet().stream().anyMatch(label -> !LABEL.matcher(label).matches())) {
            throw wrong(name, "labels must have names of a-z, 0-9 and _");
        }
        Duration holdFor = entry.holdFor() == null ? Duration.ZERO : duration(name, "for", entry.holdFor());
        String advice =
                entry.advice() == null ? "See what the rule's author had in mind: " + name + "." : entry.advice();
        String summary = entry.summary() == null ? name.replace('-', ' ') : entry.summary();
        return new Rule(
                name,
                severity(name, entry.severity()),
                holdFor,
                labels,
                advice,
                entry.check() == null ? metric(name, entry, summary) : check(name, entry, summary));
    }

    private MetricJudgement metric(String name, Entry entry, String summary) {
        String metric = String.valueOf(entry.metric());
        if (!source.knows(metric)) {
            throw wrong(name, "metric must be one that /metrics shows of the database, but is " + metric);
        }
        Map<String, String> match = orEmpty(entry.match());
        List<String> known = source.labels(metric);
        match.keySet().stream()
                .filter(label -> !known.contains(label))
                .findFirst()
                .ifPresent(label -> {
                    throw wrong(name, "match names the label " + label + ", but " + metric + " has " + known);
                });
        if (entry.increase() != null && entry.aggregate() != null) {
            throw wrong(name, "increase adds up all series; leave out aggregate");
        }
        Increase increase = entry.increase() == null ? null : new Increase(window(name, entry.increase()));
        return new MetricJudgement(
                source, metric, match, aggregate(name, entry.aggregate()), increase, threshold(name, entry), summary);
    }

    private Function<Situation, Observation> check(String name, Entry entry, String summary) {
        Check check = checks.stream()
                .filter(candidate -> candidate.id().equals(entry.check()))
                .findFirst()
                .orElseThrow(() -> wrong(
                        name,
                        "check must be one of " + checks.stream().map(Check::id).toList() + ", but is "
                                + entry.check()));
        if (entry.match() != null || entry.aggregate() != null || entry.increase() != null || entry.below() != null) {
            throw wrong(name, "match, aggregate, increase and below are for a metric; a check is wrong above a number");
        }
        Threshold threshold = new Threshold(true, entry.above() == null ? 0 : entry.above());
        return situation -> CheckRules.observe(check, situation, threshold, summary);
    }

    private static Threshold threshold(String name, Entry entry) {
        if (entry.above() != null && entry.below() == null) {
            return new Threshold(true, entry.above());
        }
        if (entry.below() != null && entry.above() == null) {
            return new Threshold(false, entry.below());
        }
        throw wrong(name, "needs either above or below");
    }

    private static MetricJudgement.Aggregate aggregate(String name, @Nullable String word) {
        return word == null
                ? MetricJudgement.Aggregate.MAX
                : oneOf(name, "aggregate", word, MetricJudgement.Aggregate.values());
    }

    private static Severity severity(String name, @Nullable String word) {
        return word == null ? Severity.WARNING : oneOf(name, "severity", word, Severity.values());
    }

    private static <E extends Enum<E>> E oneOf(String name, String field, String word, E[] values) {
        return Arrays.stream(values)
                .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(word))
                .findFirst()
                .orElseThrow(() -> wrong(
                        name,
                        field + " must be one of " + Arrays.toString(values).toLowerCase(Locale.ROOT) + ", but is "
                                + word));
    }

    private Duration duration(String name, String field, String text) {
        Duration duration;
        try {
            duration = durations.apply(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "rule " + name + ": " + field + " must be such as 10m, but is " + text, e);
        }
        if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw wrong(name, field + " must be at most 7 days, but is " + text);
        }
        return duration;
    }

    /** In no time nothing rises: such a rule would never be wrong. */
    private Duration window(String name, String text) {
        Duration window = duration(name, "increase", text);
        if (window.isZero()) {
            throw wrong(name, "increase must be more than 0, but is " + text);
        }
        return window;
    }

    private static boolean hasEmpty(Map<String, String> map) {
        return map.values().stream().anyMatch(Objects::isNull);
    }

    private static boolean isNumber(@Nullable Double number) {
        return number == null || Double.isFinite(number);
    }

    private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }

    private static IllegalArgumentException wrong(String name, String rule) {
        return new IllegalArgumentException("rule " + name + ": " + rule);
    }
}
