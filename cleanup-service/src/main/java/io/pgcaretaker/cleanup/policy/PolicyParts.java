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
        JsonNode values = written.get("in");
        List<String> in = new ArrayList<>();
        if (values != null) {
            values.forEach(value -> in.add(value.asText()));
        }
        return new Condition(column, written.containsKey("is") ? is(written.get("is")) : null, in);
    }

    static RetentionPolicy.Assignment assignment(Map<String, JsonNode> written) {
        knownOnly(written, Set.of("column", "to"));
        return new RetentionPolicy.Assignment(column(written, "restore"), is(written.get("to")));
    }

    static RestoredDependent restoredDependent(PolicyDocument.FileRestored written) {
        return new RestoredDependent(
                required(written.table(), "restore-dependents.table"),
                required(written.column(), "restore-dependents.column"),
                written.within() == null
                        ? RestoredDependent.WITHIN
                        : duration("restore-dependents.within", written.within()),
                orEmpty(written.set()).stream().map(PolicyParts::assignment).toList());
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
                value == null ? null : value.asText());
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

    static <T> T required(@Nullable T value, String field) {
        if (value == null) {
            throw new IllegalArgumentException(field + " is missing");
        }
        return value;
    }

    static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
