package io.pgcaretaker.cleanup.statement;

import static io.pgcaretaker.cleanup.statement.Fragments.column;

import io.pgcaretaker.cleanup.database.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The part of a table that one batch looks at, as a condition on {@code t}. */
public sealed interface Window {

    Sql condition(ArmedPolicy armed);

    /** The blocks from {@code from}, up to but without {@code to}. PostgreSQL 14 and later read only these. */
    record Blocks(long from, long to) implements Window {
        @Override
        public Sql condition(ArmedPolicy armed) {
            return Sql.of("t.ctid >= cast(? as tid) and t.ctid < cast(? as tid)", place(from), place(to));
        }
    }

    private static Sql.Unseen place(long block) {
        return new Sql.Unseen("(" + block + ",0)");
    }

    /**
     * The rows after one and up to another, in the order of age and key.
     *
     * @param after absent: from the first
     * @param upTo absent: to the last
     */
    record Rows(Cursor.@Nullable Row after, Cursor.@Nullable Row upTo) implements Window {
        @Override
        public Sql condition(ArmedPolicy armed) {
            List<Sql> parts = new ArrayList<>();
            if (after != null) {
                parts.add(compare(armed, ">", after));
            }
            if (upTo != null) {
                parts.add(compare(armed, "<=", upTo));
            }
            return parts.isEmpty() ? Sql.of("true") : Fragments.join(parts, " and ");
        }
    }

    /** The columns of the order: age, then key. */
    public static List<String> order(ArmedPolicy armed) {
        List<String> order = new ArrayList<>();
        order.add(armed.policy().age().column());
        order.addAll(armed.key());
        return order;
    }

    private static Sql compare(ArmedPolicy armed, String operator, Cursor.Row row) {
        List<String> order = order(armed);
        String columns = order.stream().map(name -> column("t", name)).collect(Collectors.joining(", "));
        String values = order.stream()
                .map(name -> "cast(? as " + armed.table().type(name) + ")")
                .collect(Collectors.joining(", "));
        List<Object> bound = new ArrayList<>();
        bound.add(new Sql.Unseen(row.age()));
        row.key().forEach(value -> bound.add(new Sql.Unseen(value)));
        return new Sql("(" + columns + ") " + operator + " (" + values + ")", bound);
    }
}
