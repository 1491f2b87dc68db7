package io.pgcaretaker.cleanup.statement;

import static io.pgcaretaker.cleanup.statement.Fragments.column;

import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Action;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The SQL that counts and picks for one policy and one cutoff; the same predicate is in every statement. */
public final class Statements {

    /** Has triggers that were deferred do now what they would do at the commit. */
    public static final Sql SETTLE = Sql.of("/* caretaker.cleanup.settle */ set constraints all immediate");

    private final ArmedPolicy armed;
    private final Instant cutoff;
    private final Sql expired;
    private final Sql predicate;

    public Statements(ArmedPolicy armed, Instant cutoff) {
        this(armed, cutoff, Fragments.predicate(armed, cutoff));
    }

    private Statements(ArmedPolicy armed, Instant cutoff, Sql predicate) {
        this.armed = armed;
        this.cutoff = cutoff;
        this.expired = Fragments.expired(armed, cutoff);
        this.predicate = predicate;
    }

    /**
     * The same, without looking for holds in tables of which no row is held: that look costs more than the rest of the
     * predicate, and takes parallel plans away. Whoever deletes has shut the tables' gates for holds in an earlier statement
     * of this transaction; whoever only counts need not.
     */
    public Statements leanIfNothingIsHeld(Session session) throws SQLException {
        return whereHeld(held(session, armed));
    }

    /** Those that should have gone, whether or not they may: also whom nobody could tell of it yet. */
    public Statements overdue(Session session) throws SQLException {
        return new Statements(armed, cutoff, Fragments.overdue(armed, cutoff, held(session, armed)));
    }

    /** The same, looking for holds in these tables alone: those that {@link #held} found. */
    public Statements whereHeld(List<String> tables) {
        return new Statements(armed, cutoff, Fragments.predicate(armed, cutoff, tables));
    }

    static List<String> held(Session session, ArmedPolicy armed) throws SQLException {
        return session.query(held(armed), row -> row.getString(1));
    }

    /** Of the tables whose rows a policy takes, those of which a row is held. */
    public static Sql held(ArmedPolicy armed) {
        return Sql.of("""
                /* caretaker.cleanup.held */
                select t.name
                from pg_catalog.unnest(cast(? as text[])) as t (name)
                where exists (
                  select 1
                  from caretaker.legal_hold h
                  where h.subject_table = t.name
                    and h.released_at is null)
                """, HoldFragments.tables(armed)).plannedOnce();
    }

    /** The same, of one partition of the table. */
    public Statements at(TableName partition) {
        return new Statements(armed.at(partition), cutoff, predicate);
    }

    /** The SQL that deletes, by the same predicate. */
    public Deletes deletes() {
        return new Deletes(armed, predicate);
    }

    private Sql from() {
        return Sql.of(armed.from());
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
        // Of all of them none need be sorted.
        Sql part = limit == Long.MAX_VALUE ? Sql.of("") : Sql.of("order by 1 limit ?", limit);
        return Sql.format(
                """
                /* caretaker.cleanup.summary */
                select count(*), %s, %s
                from (
                  select %s as age
                  from %s as t
                  where %s
                  %s
                ) as matching
                """,
                Sql.of(Ages.instant(armed, "min(age)")),
                Sql.of(Ages.instant(armed, "max(age)")),
                Sql.of(age),
                from(),
                predicate,
                part);
    }

    /** Rows of a dependent table that go with all matching rows, by whichever of these paths: none is counted twice. */
    public Sql countDependent(List<Dependent> paths) {
        return paths.size() == 1
                ? Sql.format("""
                        /* caretaker.cleanup.count-dependent */
                        select count(*)
                        %s
                        """, going(paths.get(0)))
                : Sql.format("""
                        /* caretaker.cleanup.count-dependent */
                        select count(*)
                        from (
                        %s
                        ) as going
                        """, Fragments.join(paths.stream().map(this::place).toList(), "union\n"));
    }

    private Sql place(Dependent dependent) {
        String alias = Fragments.alias(dependent.path().size());
        return Sql.format("select %s.tableoid, %s.ctid\n%s", Sql.of(alias), Sql.of(alias), going(dependent));
    }

    private Sql going(Dependent dependent) {
        return Sql.format("""
                from %s as t
                %s
                where %s
                """, from(), Fragments.joins(dependent.path()), predicate);
    }

    /** The blocks in which the oldest and the newest row before the cutoff lie, whatever the filter says of them. */
    public Sql ends() {
        Sql age = Sql.of(column("t", armed.policy().age().column()));
        Sql one = Sql.format("""
                select (t.ctid::text::point)[0]::bigint as block
                from %s as t
                where %s
                order by %s""", from(), Fragments.old(armed, cutoff), age);
        return Sql.format("""
                /* caretaker.cleanup.ends */
                select min(block), max(block)
                from (
                  (%s limit 1)
                  union all
                  (%s desc limit 1)
                ) as ends
                """, one, one);
    }

    /**
     * The row that is {@code rows} rows further; none where fewer are left. Reads the index alone where it can. Rows that the
     * filter leaves, or that are masked, count too where the index has them: there may be millions in a row, and a window is to
     * end in time.
     */
    public Sql boundary(Cursor.@Nullable Row after, int rows) {
        List<String> names = Window.order(armed);
        String order = names.stream().map(name -> column("t", name)).collect(Collectors.joining(", "));
        // By names of its own: the age may be part of the key, as it has to be in a table partitioned by it.
        String numbered = IntStream.range(0, names.size())
                .mapToObj(i -> column("t", names.get(i)) + " as o" + i)
                .collect(Collectors.joining(", "));
        String texts = IntStream.range(0, names.size())
                .mapToObj(i -> "o" + i + "::text")
                .collect(Collectors.joining(", "));
        // Made into texts outside, for one row and not for each that is passed over.
        return Sql.format(
                """
                /* caretaker.cleanup.boundary */
                select %s
                from (
                  select %s
                  from %s as t
                  where %s
                    and %s
                  order by %s
                  offset %s
                  limit 1
                ) as boundary
                """,
                Sql.of(texts),
                Sql.of(numbered),
                from(),
                armed.wholeIndex() ? Fragments.aged(armed, cutoff) : expired,
                new Window.Rows(after, null).condition(armed),
                Sql.of(order),
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

    /** Keeps the notices of picked rows as they are; answers the keys of those that may still go. */
    public Sql lockNotices(List<List<String>> keys) {
        return new NoticeStatements(armed).lock(keys, cutoff);
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
                Sql.of(Ages.instant(armed, age)),
                Sql.of("?", cutoff.getEpochSecond() + 1));
    }

    /** How many rows with these keys there are, or where rows are masked, how many are not. */
    public Sql left(List<List<String>> keys) {
        Action action = armed.policy().action();
        return Sql.format(
                """
                /* caretaker.cleanup.left */
                select count(*)
                from %s
                join %s as t on %s
                where %s
                """,
                Fragments.unnest(armed, keys),
                from(),
                Fragments.sameKey(armed),
                action.is(Action.Kind.ANONYMISE) ? Masks.open(armed.table(), action.masks()) : Sql.of("true"));
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
