package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Condition;
import io.pgcaretaker.cleanup.policy.Retention;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The SQL of one policy and one cutoff. Identifiers come from the catalogue and are quoted, values are bound; the same
 * predicate is in every statement that counts, picks or deletes.
 */
public final class Statements {

    /** More rows of one dependent table than this do not go in one transaction. */
    public static final int MOST_DEPENDENTS = 10_000;

    private final ArmedPolicy armed;
    private final Sql predicate;

    public Statements(ArmedPolicy armed, Instant cutoff) {
        this.armed = armed;
        this.predicate = predicate(armed, cutoffText(armed, cutoff));
    }

    /** In the age column's own type, so that its index serves. */
    private static String cutoffText(ArmedPolicy armed, Instant cutoff) {
        ZoneId zone = armed.policy().age().zone();
        String type = armed.ageType();
        if (type.equals("date")) {
            return Retention.local(cutoff.atZone(ZoneOffset.UTC), zone)
                    .toLocalDate()
                    .toString();
        }
        return type.endsWith("with time zone")
                ? cutoff.toString()
                : Retention.local(cutoff.atZone(ZoneOffset.UTC), zone).toString();
    }

    private static Sql predicate(ArmedPolicy armed, String cutoff) {
        List<Sql> parts = new ArrayList<>();
        String age = column("t", armed.policy().age().column());
        parts.add(Sql.of(age + " < cast(? as " + armed.ageType() + ")", cutoff));
        // Without an age a row has no end: null is excluded by the comparison, -infinity here.
        parts.add(Sql.of(age + " > '-infinity'"));
        for (Condition condition : armed.policy().filter()) {
            parts.add(condition(armed.table(), condition));
        }
        String key =
                armed.key().stream().map(name -> column("t", name) + "::text").collect(Collectors.joining(", "));
        parts.add(Sql.of("""
                not exists (
                    select 1
                    from caretaker.legal_hold h
                    where h.subject_table = ?
                      and h.released_at is null
                      and h.subject_key = jsonb_build_array(%s)::text)""".formatted(key), armed.table().name().quoted()));
        return join(parts, "\n  and ");
    }

    private static Sql condition(Table table, Condition condition) {
        String column = column("t", condition.column());
        return condition.is() != null
                ? Sql.of(column + " " + condition.is().sql())
                : Sql.of(column + " = any(" + array(table.type(condition.column())) + ")", condition.in());
    }

    private static Sql join(List<Sql> parts, String separator) {
        List<Object> values = new ArrayList<>();
        parts.forEach(part -> values.addAll(part.values()));
        return new Sql(parts.stream().map(Sql::text).collect(Collectors.joining(separator)), values);
    }

    static String column(String alias, String name) {
        return alias + "." + TableName.quote(name);
    }

    private static String array(String type) {
        return "cast(cast(? as text[]) as " + type + "[])";
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
                """, from(), Sql.of(joins(dependent.path())), predicate);
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

    /** Locks rows that others depend on, so that nobody moves them to another owner meanwhile. */
    public Sql lock(Dependent dependent, List<List<String>> keys) {
        return Sql.format(
                """
                /* caretaker.cleanup.lock-dependent */
                select 1
                from %s
                %s
                for update of %s
                """,
                picked(keys),
                Sql.of(joins(dependent.path())),
                Sql.of(alias(dependent.path().size())));
    }

    /** Deletes the dependents of the rows with these keys; at most {@link #MOST_DEPENDENTS} where they have a key. */
    public Sql deleteDependent(Dependent dependent, List<List<String>> keys) {
        List<ForeignKey> path = dependent.path();
        ForeignKey last = path.get(path.size() - 1);
        String alias = alias(path.size());
        List<String> key = dependent.table().primaryKey();
        List<String> selected = new ArrayList<>();
        List<String> same = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            selected.add(column(alias, key.get(i)) + " as k" + i);
            same.add(column("d", key.get(i)) + " = x.k" + i);
        }
        for (int i = 0; i < last.childColumns().size(); i++) {
            // The owner is compared again: a row that was given to somebody else meanwhile stays.
            selected.add(column(alias(path.size() - 1), last.parentColumns().get(i)) + " as p" + i);
            same.add(column("d", last.childColumns().get(i)) + " = x.p" + i);
        }
        String limited = key.isEmpty()
                ? ""
                : "order by " + key.stream().map(name -> column(alias, name)).collect(Collectors.joining(", "))
                        + " limit " + MOST_DEPENDENTS;
        return Sql.format(
                """
                /* caretaker.cleanup.delete-dependent */
                delete from %s as d
                using (
                  select distinct_%s
                  from %s
                  %s
                  %s
                ) as x
                where %s
                """.replace("distinct_", key.isEmpty() ? "distinct " : ""),
                Sql.of(dependent.table().name().quoted()),
                Sql.of(String.join(", ", selected)),
                picked(keys),
                Sql.of(joins(path)),
                Sql.of(limited),
                Sql.of(String.join(" and ", same)));
    }

    /** Deletes the rows with these keys that still match. */
    public Sql delete(List<List<String>> keys) {
        String same = IntStream.range(0, armed.key().size())
                .mapToObj(i -> column("t", armed.key().get(i)) + " = k.k" + i)
                .collect(Collectors.joining(" and "));
        return Sql.format("""
                /* caretaker.cleanup.delete */
                delete from %s as t
                using %s
                where %s
                  and %s
                """, from(), unnest(keys), Sql.of(same), predicate);
    }

    private Sql from() {
        return Sql.of(armed.table().name().quoted());
    }

    /** The picked rows of the policy's table as t. */
    private Sql picked(List<List<String>> keys) {
        String same = IntStream.range(0, armed.key().size())
                .mapToObj(i -> column("t", armed.key().get(i)) + " = k.k" + i)
                .collect(Collectors.joining(" and "));
        return Sql.format("%s\n  join %s as t on %s", unnest(keys), from(), Sql.of(same));
    }

    private Sql unnest(List<List<String>> keys) {
        List<Object> columns = new ArrayList<>();
        for (int i = 0; i < armed.key().size(); i++) {
            int column = i;
            columns.add(keys.stream().map(key -> key.get(column)).toList());
        }
        String arrays = armed.key().stream()
                .map(name -> array(armed.table().type(name)))
                .collect(Collectors.joining(", "));
        String names =
                IntStream.range(0, armed.key().size()).mapToObj(i -> "k" + i).collect(Collectors.joining(", "));
        return new Sql("unnest(" + arrays + ") as k (" + names + ")", columns);
    }

    /** Joins from t down a path: c1, c2 … */
    private static String joins(List<ForeignKey> path) {
        StringBuilder joins = new StringBuilder();
        for (int depth = 1; depth <= path.size(); depth++) {
            ForeignKey key = path.get(depth - 1);
            String parent = alias(depth - 1);
            String child = alias(depth);
            joins.append("join ").append(key.child().quoted()).append(" as ").append(child);
            for (int i = 0; i < key.childColumns().size(); i++) {
                joins.append(i == 0 ? " on " : " and ")
                        .append(column(child, key.childColumns().get(i)))
                        .append(" = ")
                        .append(column(parent, key.parentColumns().get(i)));
            }
            joins.append('\n');
        }
        return joins.toString().strip();
    }

    private static String alias(int depth) {
        return depth == 0 ? "t" : "c" + depth;
    }
}
