package io.pgcaretaker.cleanup.policy;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One condition of a policy's filter; a row must meet all. Never SQL: the column is looked up in the catalogue and values
 * are bound.
 *
 * @param column the column's name
 * @param is what the column is: true, false, null, not-null; or absent
 * @param in the values of which the column has one, in their text form; or empty
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Condition(String column, @Nullable Is is, List<String> in) {

    /** What a column can be without a value being named. */
    public enum Is {
        TRUE("= true"),
        FALSE("= false"),
        NULL("is null"),
        NOT_NULL("is not null");

        private final String sql;

        Is(String sql) {
            this.sql = sql;
        }

        /** A keyword, not a parameter, so that a partial index is recognised. */
        public String sql() {
            return sql;
        }
    }

    public Condition {
        in = List.copyOf(in == null ? List.of() : in);
        if ((is == null) == in.isEmpty()) {
            throw notOneOfBoth(column);
        }
    }

    static IllegalArgumentException notOneOfBoth(String column) {
        return new IllegalArgumentException(
                "filter on " + column + " must have either is (true, false, null, not-null) or in (a list)");
    }

    /** Whether each row that meets this one meets the other, too, as far as that can be told. */
    private boolean isWithin(Condition other) {
        if (!column.equals(other.column)) {
            return false;
        }
        if (other.is != null) {
            return is == other.is || (other.is == Is.NOT_NULL && is != Is.NULL);
        }
        return is == null && other.in.containsAll(in);
    }

    /** Whether a filter may let rows go that another one keeps. */
    public static boolean isWider(List<Condition> filter, List<Condition> other) {
        return !other.stream().allMatch(kept -> filter.stream().anyMatch(condition -> condition.isWithin(kept)));
    }

    /** A filter for an operator to read. */
    public static String words(List<Condition> filter) {
        return filter.isEmpty()
                ? "none"
                : filter.stream()
                        .map(condition -> condition.column + " "
                                + (condition.is == null ? "in " + condition.in : condition.is.sql))
                        .collect(Collectors.joining(" and "));
    }

    Condition renamed(String to) {
        return new Condition(to, is, in);
    }
}
