package io.pgcaretaker.cleanup.policy;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
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
            throw new IllegalArgumentException(
                    "filter on " + column + " must have either is (true, false, null, not-null) or in (a list)");
        }
    }

    Condition renamed(String to) {
        return new Condition(to, is, in);
    }
}
