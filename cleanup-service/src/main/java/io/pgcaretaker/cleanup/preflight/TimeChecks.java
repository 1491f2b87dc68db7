package io.pgcaretaker.cleanup.preflight;

import io.pgcaretaker.cleanup.catalogue.ColumnFacts;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a policy says of columns that hold a date or a time. */
final class TimeChecks {

    /** What PostgreSQL reads as another time at each run; a day or a time may stand beside it. */
    private static final Pattern MOVING =
            Pattern.compile("\\b(now|today|tomorrow|yesterday)\\b", Pattern.CASE_INSENSITIVE);

    private TimeChecks() {}

    static List<String> problems(RetentionPolicy policy, Table table, List<ColumnFacts> facts) {
        List<String> problems = new ArrayList<>();
        Set<String> times = facts.stream()
                .filter(ColumnFacts::time)
                .map(ColumnFacts::column)
                .collect(Collectors.toSet());
        Set<String> moving = new TreeSet<>();
        policy.filter().stream()
                .filter(condition -> times.contains(condition.column())
                        && condition.in().stream().anyMatch(TimeChecks::moves))
                .forEach(condition -> moving.add("filter.in of column '" + condition.column() + "'"));
        policy.action().masks().stream()
                .filter(mask -> times.contains(mask.column()) && moves(mask.value()))
                .forEach(mask -> moving.add("mask.value of column '" + mask.column() + "'"));
        moving.forEach(field -> problems.add(field + " of " + table.name()
                + " names a time that moves with the clock, such as now or today; write the date or the time itself"));
        facts.stream()
                .filter(fact ->
                        fact.virtual() && fact.column().equals(policy.age().column()))
                .forEach(fact -> problems.add("column '" + fact.column() + "' of " + table.name()
                        + " is virtual: PostgreSQL makes it when it is read, and no index can serve it; make it a stored"
                        + " column, or name the column it is made from"));
        return problems;
    }

    private static boolean moves(@Nullable String value) {
        return value != null && MOVING.matcher(value).find();
    }
}
