package io.pgcaretaker.cleanup.statement;

import static io.pgcaretaker.cleanup.statement.Fragments.column;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The SQL that deletes picked rows and what depends on them. */
public final class Deletes {

    /** More rows of one dependent table than this do not go in one transaction. */
    public static final int MOST_DEPENDENTS = 10_000;

    private final ArmedPolicy armed;
    private final Sql predicate;

    Deletes(ArmedPolicy armed, Sql predicate) {
        this.armed = armed;
        this.predicate = predicate;
    }

    /** Of rows that were locked as dependents of picked ones: they are known to go. */
    public static Deletes ofLocked(ArmedPolicy dependents) {
        return new Deletes(dependents, Sql.of("true"));
    }

    /**
     * Locks rows that others depend on, so that nobody moves them to another owner meanwhile; answers their keys as texts,
     * at most so many. Where they have no key, all are locked and they are counted.
     */
    public Sql lock(Dependent dependent, List<List<String>> keys, int most) {
        String alias = Fragments.alias(dependent.path().size());
        List<String> key = dependent.table().primaryKey();
        String texts = key.stream().map(name -> column(alias, name) + "::text").collect(Collectors.joining(", "));
        // Whichever come first: all that are there go in the end. An order would read and sort millions each time.
        return Sql.format(
                key.isEmpty() ? """
                        /* caretaker.cleanup.lock-dependent */
                        select count(*)
                        from (
                          select 1%s
                          from %s
                          %s
                          for update of %s%s
                        ) as locked
                        """ : """
                        /* caretaker.cleanup.lock-dependent */
                        select %s
                        from %s
                        %s
                        for update of %s
                        limit %s
                        """,
                Sql.of(texts),
                picked(keys),
                Fragments.joins(dependent.path()),
                Sql.of(alias),
                key.isEmpty() ? Sql.of("") : Sql.of("?", most));
    }

    /** Deletes dependents of the rows with these keys; at most so many where they have a key. */
    public Sql deleteDependent(Dependent dependent, List<List<String>> keys, int most) {
        List<ForeignKey> path = dependent.path();
        ForeignKey last = path.get(path.size() - 1);
        String alias = Fragments.alias(path.size());
        List<String> key = dependent.table().primaryKey();
        List<String> selected = new ArrayList<>();
        List<String> same = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            selected.add(column(alias, key.get(i)) + " as k" + i);
            same.add(column("d", key.get(i)) + " = x.k" + i);
        }
        for (int i = 0; i < last.childColumns().size(); i++) {
            // The owner is compared again: a row that was given to somebody else meanwhile stays.
            selected.add(column(
                            Fragments.alias(path.size() - 1),
                            last.parentColumns().get(i)) + " as p" + i);
            same.add(column("d", last.childColumns().get(i)) + " = x.p" + i);
        }
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
                Fragments.joins(path),
                // As above: no order.
                key.isEmpty() ? Sql.of("") : Sql.of("limit ?", most),
                Sql.of(String.join(" and ", same)));
    }

    /**
     * Some dependents, by where they lie: where they have no key. What was changed at the same moment is not among them.
     */
    public Sql deleteByPlace(Dependent dependent, List<List<String>> keys, int most) {
        return Sql.format("""
                /* caretaker.cleanup.delete-by-place */
                delete from %s as d
                using %s
                where d.tableoid = x.part
                  and d.ctid = x.place
                """, Sql.of(dependent.table().name().quoted()), places(dependent.path(), keys, most));
    }

    /** What PostgreSQL would do at once when the rows with these keys go: some rows no longer refer to them. */
    public Sql setNull(List<ForeignKey> path, List<List<String>> keys, int most) {
        ForeignKey key = path.get(path.size() - 1);
        return Sql.format(
                """
                /* caretaker.cleanup.set-null */
                update %s as d
                set %s
                from %s
                where d.tableoid = x.part
                  and d.ctid = x.place
                """,
                Sql.of(key.childRows()),
                Sql.of(key.unsetColumns().stream()
                        .map(name -> TableName.quote(name) + " = null")
                        .collect(Collectors.joining(", "))),
                places(path, keys, most));
    }

    /** Locked: a row that was given to somebody else meanwhile is not among them. */
    private Sql places(List<ForeignKey> path, List<List<String>> keys, int most) {
        String alias = Fragments.alias(path.size());
        return Sql.format(
                """
                (
                  select %s.tableoid as part, %s.ctid as place
                  from %s
                  %s
                  limit %s
                  for update of %s
                ) as x""",
                Sql.of(alias), Sql.of(alias), picked(keys), Fragments.joins(path), Sql.of("?", most), Sql.of(alias));
    }

    /** Deletes the rows with these keys that still match. */
    public Sql delete(List<List<String>> keys) {
        return Sql.format("""
                /* caretaker.cleanup.delete */
                delete from %s as t
                using %s
                where %s
                  and %s
                """, from(), Fragments.unnest(armed, keys), Fragments.sameKey(armed), predicate);
    }

    /** Deletes, or masks, what matches in a window; waits for rows that somebody else has locked. */
    public Sql sweep(Window window) {
        return Sql.format("/* caretaker.cleanup.sweep */\n%s", change(window));
    }

    /** The same, and leaves rows that somebody else has locked. */
    public Sql sweepUnlocked(Window window) {
        return Sql.format("/* caretaker.cleanup.sweep-unlocked */\nwith %s\n%s", free(window), changeFree());
    }

    /** Masks as {@link #sweep} does, and answers the keys of those rows as texts. */
    public Sql mask(Window window) {
        return Sql.format("%s%s", sweep(window), returningKeys());
    }

    /** The same, and leaves rows that somebody else has locked. */
    public Sql maskUnlocked(Window window) {
        return Sql.format("%s%s", sweepUnlocked(window), returningKeys());
    }

    private Sql returningKeys() {
        return Sql.of(armed.key().stream()
                .map(name -> column("t", name) + "::text")
                .collect(Collectors.joining(", ", "returning ", "\n")));
    }

    private Sql change(Window window) {
        return Sql.format("""
                %s
                where %s
                  and %s
                """, verb(), window.condition(armed), predicate);
    }

    private Sql changeFree() {
        return Sql.format(
                """
                %s
                %s free as k
                where %s
                  and %s
                """,
                verb(),
                Sql.of(armed.policy().action().is(Action.Kind.ANONYMISE) ? "from" : "using"),
                Fragments.sameKey(armed),
                predicate);
    }

    private Sql free(Window window) {
        return Sql.format(
                """
                free as materialized (
                  select %s
                  from %s as t
                  where %s
                    and %s
                  for update of t skip locked
                )""",
                Sql.of(IntStream.range(0, armed.key().size())
                        .mapToObj(i -> column("t", armed.key().get(i)) + " as k" + i)
                        .collect(Collectors.joining(", "))),
                from(),
                window.condition(armed),
                predicate);
    }

    private Sql verb() {
        Action action = armed.policy().action();
        return action.is(Action.Kind.ANONYMISE)
                ? Sql.format("update %s as t\nset %s", from(), Masks.assignments(armed.table(), action.masks()))
                : Sql.format("delete from %s as t", from());
    }

    private Sql from() {
        return Sql.of(armed.from());
    }

    /** The picked rows of the policy's table as t. */
    private Sql picked(List<List<String>> keys) {
        return Sql.format("%s\n  join %s as t on %s", Fragments.unnest(armed, keys), from(), Fragments.sameKey(armed));
    }
}
