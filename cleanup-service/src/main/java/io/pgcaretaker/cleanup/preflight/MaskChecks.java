package io.pgcaretaker.cleanup.preflight;

import io.pgcaretaker.cleanup.catalogue.ColumnFacts;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.policy.Mask;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a column must be for its mask to fit, whatever stands in it. */
final class MaskChecks {

    private static final Set<Mask.With> TEXTS = Set.of(Mask.With.HMAC, Mask.With.RANDOM_ADDRESS, Mask.With.KEEP_FORMAT);

    /** The extension's type is written with its schema where that is not in the search path. */
    private static final Pattern TEXT = Pattern.compile("text|(?:.+\\.)?citext|character varying(?:\\((\\d+)\\))?");

    private static final Pattern LENGTH =
            Pattern.compile("(?:character varying|character|bit varying|bit)\\((\\d+)\\)");

    /** "hmac:" and 64 hexadecimal digits; a UUID, "@" and the domain. */
    private static final Map<Mask.With, Integer> LENGTHS = Map.of(Mask.With.HMAC, 69, Mask.With.RANDOM_ADDRESS, 55);

    private MaskChecks() {}

    static List<String> problems(RetentionPolicy policy, Table table, List<String> key, List<ColumnFacts> facts) {
        List<String> problems = new ArrayList<>();
        for (Mask mask : policy.action().masks()) {
            String column = "column '" + mask.column() + "' of " + table.name();
            if (key.contains(mask.column()) || mask.column().equals(policy.age().column())) {
                problems.add(column + " is the row's key or age and cannot be masked");
            }
            facts.stream()
                    .filter(fact -> fact.column().equals(mask.column()))
                    .forEach(fact -> check(mask, column, fact, problems));
            fit(mask, column, table.type(mask.column()), problems);
        }
        return problems;
    }

    private static void check(Mask mask, String column, ColumnFacts fact, List<String> problems) {
        if (mask.with() == Mask.With.NULL && fact.notNull()) {
            problems.add(column + " allows no null; mask it with something else");
        }
        if (fact.generated()) {
            problems.add(column + " is generated; mask the columns that it is made from");
        }
        if (fact.identity()) {
            problems.add(column + " is an identity that is always generated, which nobody can set");
        }
        if (fact.foreignKey()) {
            problems.add(column + " is part of a foreign key, or one is made from it, and cannot be masked");
        }
        if (fact.unique() && (mask.with() == Mask.With.CONSTANT || mask.with() == Mask.With.KEEP_FORMAT)) {
            problems.add(column + " is in a unique index, and this mask makes rows equal; mask it with hmac,"
                    + " random-address or null");
        }
        if (fact.oneNull() && mask.with() == Mask.With.NULL) {
            problems.add(
                    column + " is in a unique index in which null is a value like any other (nulls not distinct), so"
                            + " that only one row can have it; mask it with hmac or random-address");
        }
    }

    private static void fit(Mask mask, String column, String type, List<String> problems) {
        Matcher limited = LENGTH.matcher(type);
        String value = mask.value();
        if (value != null
                && limited.matches()
                && value.codePointCount(0, value.length()) > Integer.parseInt(limited.group(1))) {
            problems.add(column + " is too short for this mask: the value has "
                    + value.codePointCount(0, value.length())
                    + " characters, of which PostgreSQL would keep what fits in "
                    + type);
        }
        if (!TEXTS.contains(mask.with())) {
            return;
        }
        Matcher text = TEXT.matcher(type);
        if (!text.matches()) {
            problems.add(column + " must be a text to be masked so, but is " + type);
        } else if (text.group(1) != null && Integer.parseInt(text.group(1)) < LENGTHS.getOrDefault(mask.with(), 0)) {
            problems.add(column + " is too short for this mask: it needs " + LENGTHS.get(mask.with())
                    + " characters, but is " + type);
        }
    }
}
