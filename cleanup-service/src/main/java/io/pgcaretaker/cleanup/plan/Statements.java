package io.pgcaretaker.cleanup.plan;

import static io.pgcaretaker.cleanup.plan.Fragments.column;

import io.pgcaretaker.cleanup.database.Sql;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The SQL that counts and picks for one policy and one cutoff; the same predicate is in every statement. */
public final class Statements {

    private final ArmedPolicy armed;
    private final Instant cutoff;
    private final Sql expired;
    private final Sql predicate;

    public Statements(ArmedPolicy armed, Instant cutoff) {
        this.armed = armed;
        this.cutoff = cutoff;
        this.expired = Fragments.expired(armed, cutoff);
        this.predicate = Fragments.predicate(armed, cutoff);
    }

    /** The SQL that deletes, by the same predicate. */
    public Deletes deletes() {
        return new Deletes(armed, predicate);
    }

    private Sql from() {
        return Sql.of(armed.table().name().quoted());
    }

    /** How many match, counted no further than {@code limit}; all where it is the largest number there is. */
    public Sql count(long limit) {
        if (limit == Long.MAX_VALUE) {
            return Sql.format("""
                    /* caretaker.cleanup.count */
                    select count(*)
                    from %s as t
                    where %s
                    """, from(), predicate);
        }
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

    /** The row that is {@code rows} rows further; none where fewer are left. Reads the index alone where it can. */
    public Sql boundary(Cursor.@Nullable Row after, int rows) {
        String columns =
                Window.order(armed).stream().map(name -> column("t", name)).collect(Collectors.joining(", "));
        return Sql.format(
                """
                /* caretaker.cleanup.boundary */
                select %s
                from %s as t
                where %s
                  and %s
                order by %s
                offset %s
                limit 1
                """,
                Sql.of(selected()),
                from(),
                expired,
                new Window.Rows(after, null).condition(armed),
                Sql.of(columns),
                Sql.of("?", rows - 1));
    }

    /** Age and key as texts. */
    private String selected() {
        return Window.order(armed).stream()
                .map(name -> column("t", name) + "::text")
                .collect(Collectors.joining(", "));
    }

    /** The next rows after one, in the order of age and key. */
    public Sql pick(Cursor.@Nullable Row after, int limit, Locking locking) {
        String columns =
                Window.order(armed).stream().map(name -> column("t", name)).collect(Collectors.joining(", "));
        return Sql.format(
                """
                /* caretaker.cleanup.pick */
                select %s
                from %s as t
                where %s
                  and %s
                order by %s
                limit %s%s
                """,
                Sql.of(selected()),
                from(),
                predicate,
                new Window.Rows(after, null).condition(armed),
                Sql.of(columns),
                Sql.of("?", limit),
                Sql.of(locking.sql));
    }

    /** How many of the rows with these keys are too old by the number of seconds, reckoned apart from the predicate. */
    public Sql expired(List<List<String>> keys) {
        String age = column("t", armed.policy().age().column());
        return Sql.format(
                """
                /* caretaker.cleanup.canary-expired */
                select count(*)
                from %s
                join %s as t on %s
                where extract(epoch from %s) < %s
                """,
                Fragments.unnest(armed, keys),
                from(),
                Fragments.sameKey(armed),
                Sql.of(instant(age)),
                Sql.of("?", cutoff.getEpochSecond() + 1));
    }

    /** How many rows with these keys there are. */
    public Sql present(List<List<String>> keys) {
        return Sql.format("""
                /* caretaker.cleanup.canary-present */
                select count(*)
                from %s
                join %s as t on %s
                """, Fragments.unnest(armed, keys), from(), Fragments.sameKey(armed));
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
}
