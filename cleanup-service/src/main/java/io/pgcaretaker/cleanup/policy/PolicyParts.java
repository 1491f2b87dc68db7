package io.pgcaretaker.cleanup.policy;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the parts of a policy as they are written. */
final class PolicyParts {

    private PolicyParts() {}

    static ZoneId zone(String zone) {
        try {
            return ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("zone must be like UTC or Europe/Berlin, but is '" + zone + "'", e);
        }
    }

    static Duration duration(String field, String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(field + " must be like PT24H or PT0.1S, but is '" + text + "'", e);
        }
    }

    static Rhythm rhythm(@Nullable String every, @Nullable String cron) {
        if (cron != null && every != null) {
            throw new IllegalArgumentException("every and cron cannot both be given");
        }
        return cron != null ? Rhythm.ofCron(cron) : new Rhythm(duration("every", required(every, "every")), null);
    }

    static Condition condition(Map<String, JsonNode> written) {
        knownOnly(written, Set.of("column", "is", "in"));
        String column = column(written, "filter");
        // What is written and holds nothing would be passed over beside the other: not-null alone is far more rows.
        if (written.containsKey("is") == written.containsKey("in")) {
            throw Condition.notOneOfBoth(column);
        }
        return new Condition(
                column,
                written.containsKey("is") ? is(written.get("is")) : null,
                written.containsKey("in") ? values(column, written.get("in")) : List.of());
    }

    private static List<String> values(String column, @Nullable JsonNode written) {
        List<String> in = new ArrayList<>();
        if (written != null && written.isArray()) {
            written.forEach(value -> in.add(scalar("filter on " + column + ".in", value)));
        }
        return in;
    }

    /** Null and what has parts have no text of their own. */
    private static String scalar(String field, @Nullable JsonNode value) {
        if (value == null || value.isNull() || !value.isValueNode()) {
            throw new IllegalArgumentException(field + " must be a text, a number, true or false, but is "
                    + (value == null ? "missing" : "'" + value + "'"));
        }
        return value.asText();
    }

    static RetentionPolicy.Assignment assignment(Map<String, JsonNode> written) {
        knownOnly(written, Set.of("column", "to"));
        String column = column(written, "restore");
        required(written.containsKey("to") ? written : null, "restore.to");
        return new RetentionPolicy.Assignment(column, is(written.get("to")));
    }

    static RestoredDependent restoredDependent(PolicyDocument.FileRestored written) {
        return new RestoredDependent(
                required(written.table(), "restore-dependents.table"),
                required(written.column(), "restore-dependents.column"),
                written.within() == null
                        ? RestoredDependent.WITHIN
                        : duration("restore-dependents.within", written.within()),
                all("restore-dependents.set", written.set()).stream()
                        .map(PolicyParts::assignment)
                        .toList());
    }

    static Action action(@Nullable String kind, List<Map<String, JsonNode>> masks) {
        return new Action(
                kind == null ? Action.Kind.DELETE : Action.Kind.parse(kind),
                masks.stream().map(PolicyParts::mask).toList());
    }

    static @Nullable Notice notice(PolicyDocument.@Nullable FileNotice written) {
        if (written == null) {
            return null;
        }
        return new Notice(
                Retention.parse(required(written.before(), "notice.before")),
                required(written.emailColumn(), "notice.email-column"),
                written.nameColumn(),
                written.undeliverable() == null ? Notice.Undeliverable.PURGE : written.undeliverable());
    }

    private static Mask mask(Map<String, JsonNode> written) {
        knownOnly(written, Set.of("column", "with", "value"));
        JsonNode with = written.get("with");
        JsonNode value = written.get("value");
        required(written.containsKey("with") ? written : null, "mask.with");
        return new Mask(
                column(written, "mask"),
                Mask.With.parse(with == null || with.isNull() ? "null" : with.asText()),
                value == null ? null : scalar("mask.value", value));
    }

    private static String column(Map<String, JsonNode> written, String where) {
        return scalar(where + ".column", written.get("column"));
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

    static <T> T required(@Nullable T value, String field) {
        if (value == null) {
            throw new IllegalArgumentException(field + " is missing");
        }
        return value;
    }

    /** The entries of a list, none where it is absent; an entry without anything in it is a slip. */
    static <T> List<T> all(String field, @Nullable List<T> list) {
        if (list == null) {
            return List.of();
        }
        if (list.contains(null)) {
            throw new IllegalArgumentException(field + " has an empty entry");
        }
        return list;
    }
}
