package io.pgcaretaker.cleanup.plan;

import static io.pgcaretaker.cleanup.plan.Fragments.column;

import io.pgcaretaker.cleanup.database.Sql;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The SQL that counts and picks for one policy and one cutoff; the same predicate is in every statement. */
public final class Statements {

    private final ArmedPolicy armed;
    private final Sql predicate;

    public Statements(ArmedPolicy armed, Instant cutoff) {
        this.armed = armed;
        this.predicate = Fragments.predicate(armed, cutoff);
    }

    /** The SQL that deletes, by the same predicate. */
    public Deletes deletes() {
        return new Deletes(armed, predicate);
    }

    private Sql from() {
        return Sql.of(armed.table().name().quoted());
    }

    /** How many match, counted no further than {@code limit}. */
    public Sql count(long limit) {
        return Sql.format("""
                /* caretaker.cleanup.count */
                select count(*)
                from (
                  select 1
                  from %s as t
                  where %s
                  limit %s
                ) as matching
                """, from(), predicate, Sql.of("?", limit));
    }

    /** Count, oldest and newest age, of the oldest {@code limit} that match. */
    public Sql summary(long limit) {
        String age = column("t", armed.policy().age().column());
        return Sql.format(
                """
                /* caretaker.cleanup.summary */
                select count(*), %s, %s
                from (
                  select %s as age
                  from %s as t
                  where %s
                  order by 1
                  limit %s
                ) as matching
                """,
                Sql.of(instant("min(age)")),
                Sql.of(instant("max(age)")),
                Sql.of(age),
                from(),
                predicate,
                Sql.of("?", limit));
    }

    /** The age as an instant, whatever the column's type. */
    private String instant(String expression) {
        return armed.ageType().endsWith("with time zone")
                ? expression
                : expression + "::timestamp at time zone '"
                        + armed.policy().age().zone().getId().replace("'", "''") + "'";
    }

    /** Rows of a dependent table that go with all matching rows. */
    public Sql countDependent(Dependent dependent) {
        return Sql.format("""
                /* caretaker.cleanup.count-dependent */
                select count(*)
                from %s as t
                %s
                where %s
                """, from(), Fragments.joins(dependent.path()), predicate);
    }

    /** Whether the cursor is the last row picked: its age, then its key, as text. */
    public record Cursor(String age, List<String> key) {
        public Cursor {
            key = List.copyOf(key);
        }
    }

    /** The next rows after the cursor, in the order of age and key. */
    public Sql pick(@Nullable Cursor cursor, int limit, Locking locking) {
        List<String> order = new ArrayList<>();
        order.add(armed.policy().age().column());
        order.addAll(armed.key());
        String columns = order.stream().map(name -> column("t", name)).collect(Collectors.joining(", "));
        String selected =
                order.stream().map(name -> column("t", name) + "::text").collect(Collectors.joining(", "));
        return Sql.format(
                """
                /* caretaker.cleanup.pick */
                select %s
                from %s as t
                where %s%s
                order by %s
                limit %s%s
                """,
                Sql.of(selected),
                from(),
                predicate,
                cursor == null ? Sql.of("") : after(columns, order, cursor),
                Sql.of(columns),
                Sql.of("?", limit),
                Sql.of(locking.sql));
    }

    /** What a pick does about rows that somebody else has locked. */
    public enum Locking {
        SKIP("\nfor update of t skip locked"),
        WAIT("\nfor update of t"),
        NONE("");

        private final String sql;

        Locking(String sql) {
            this.sql = sql;
        }
    }

    private Sql after(String columns, List<String> order, Cursor cursor) {
        String values = order.stream()
                .map(name -> "cast(? as " + armed.table().type(name) + ")")
                .collect(Collectors.joining(", "));
        List<Object> bound = new ArrayList<>();
        bound.add(cursor.age());
        bound.addAll(cursor.key());
        return new Sql("\n  and (" + columns + ") > (" + values + ")", bound);
    }
}
