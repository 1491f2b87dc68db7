package io.pgcaretaker.cleanup.statement;

import static io.pgcaretaker.cleanup.statement.Fragments.column;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Condition;
import io.pgcaretaker.cleanup.policy.RestoredDependent;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.policy.RetentionPolicy.Assignment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The SQL that gives a soft-deleted row back, with what was soft-deleted with it. */
public final class RestoreStatements {

    private final RetentionPolicy policy;
    private final Table table;
    private final RowKey key;
    private final ArmedPolicy armed;

    public RestoreStatements(RetentionPolicy policy, Table table, RowKey key) {
        this.policy = policy;
        this.table = table;
        this.key = key;
        // Nothing is deleted by it: what depends on the table does not matter here.
        this.armed = new ArmedPolicy(
                policy,
                table,
                key.columns(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                false,
                false,
                List.of(),
                null);
    }

    public static List<String> problems(RetentionPolicy policy, List<Dependent> dependents) {
        List<String> problems = new ArrayList<>();
        for (RestoredDependent restored : policy.restoreDependents()) {
            List<Dependent> found = dependents.stream()
                    .filter(dependent -> isOf(restored, dependent))
                    .toList();
            if (found.isEmpty()) {
                problems.add("restore-dependents names " + restored.table()
                        + ", of which no row goes with a row of the policy's table");
            }
            for (Dependent dependent : found) {
                List<String> needed = new ArrayList<>(List.of(restored.column()));
                restored.set().forEach(assignment -> needed.add(assignment.column()));
                needed.stream()
                        .filter(name -> !dependent.table().columns().containsKey(name))
                        .forEach(name -> problems.add("column '" + name + "' of restore-dependents is not in "
                                + dependent.table().name()));
                if (dependent.table().columns().containsKey(restored.column())) {
                    Ages.castProblem(restored.column(), dependent.table()).ifPresent(problems::add);
                }
            }
        }
        return problems;
    }

    /** Why not all of what is to come back with a row would; a purge asks for the same before it is armed, and more. */
    public static List<String> hindrances(RetentionPolicy policy, List<Dependent> dependents) {
        List<String> hindrances = new ArrayList<>(problems(policy, dependents));
        Set<Long> needed = policy.restoreDependents().stream()
                .flatMap(restored -> dependents.stream().filter(dependent -> isOf(restored, dependent)))
                .flatMap(dependent -> dependent.path().stream())
                .map(ForeignKey::childOid)
                .collect(Collectors.toSet());
        dependents.stream()
                .map(Dependent::table)
                .filter(table -> table.rowSecurity() && needed.contains(table.oid()))
                .map(table -> "row-level security hides rows of " + table.name() + " from the role " + table.role())
                .distinct()
                .forEach(hindrances::add);
        return hindrances;
    }

    private static boolean isOf(RestoredDependent restored, Dependent dependent) {
        TableName name = dependent.table().name();
        return restored.table().equals(name.table()) || restored.table().equals(name.toString());
    }

    /** As {@link #look}, and locks the row. */
    public Sql lock(Instant cutoff, Sql meant) {
        return Sql.format("%s for update", look(cutoff, meant));
    }

    /** Says whether the row is deleted, over, the very deletion that is meant, and partly gone. */
    public Sql look(Instant cutoff, Sql meant) {
        List<Sql> deleted = new ArrayList<>();
        deleted.add(Sql.of(column("t", policy.age().column()) + " is not null"));
        policy.filter().forEach(condition -> deleted.add(Fragments.condition(table, condition)));
        return Sql.format(
                """
                /* caretaker.cleanup.restore-look */
                select
                  coalesce(%s, false) as deleted,
                  coalesce(%s, false) as over,
                  coalesce(%s, false) as meant,
                  %s as partly
                from %s as t
                where %s
                """,
                Fragments.join(deleted, " and "),
                over(cutoff),
                meant,
                new PartlyGone(armed).is(),
                Sql.of(table.name().quoted()),
                key.matches(table));
    }

    /** The retention has passed, and with it the time that the notice promised: a purge could take the row. */
    private Sql over(Instant cutoff) {
        Sql old = Sql.format(
                "%s < %s", Sql.of(column("t", policy.age().column())), Ages.cutoff(table, policy.age(), cutoff));
        return policy.givesNotice() ? Sql.format("(%s and %s)", old, NoticeStatements.over(armed, cutoff)) : old;
    }

    /** It is the deletion of that age, in microseconds. */
    public Sql deletedAt(long age) {
        return Sql.format("%s = %s", new NoticeStatements(armed).age(), Sql.of("?", age));
    }

    /** Gives the row itself back. */
    public Sql restore() {
        return Sql.format(
                """
                /* caretaker.cleanup.restore */
                update %s as t
                set %s
                where %s
                """, Sql.of(table.name().quoted()), Sql.of(assignments(policy.restore())), key.matches(table));
    }

    /** What comes back of one dependent table; none where the policy does not name it. */
    public List<Sql> restore(Dependent dependent) {
        return policy.restoreDependents().stream()
                .filter(restored -> isOf(restored, dependent))
                .map(restored -> restore(dependent, restored))
                .toList();
    }

    /** Before the row itself: its age is what tells rows that went with it from those that went before. */
    private Sql restore(Dependent dependent, RestoredDependent restored) {
        List<ForeignKey> path = dependent.path();
        ForeignKey last = path.get(path.size() - 1);
        List<String> same = new ArrayList<>();
        for (int i = 0; i < last.childColumns().size(); i++) {
            same.add(column("d", last.childColumns().get(i)) + " = "
                    + column(
                            Fragments.alias(path.size() - 1),
                            last.parentColumns().get(i)));
        }
        return Sql.format(
                """
                /* caretaker.cleanup.restore-dependent */
                update %s as d
                set %s
                from %s as t
                %s
                where %s
                  and %s
                  and %s >= %s - %s * interval '1 millisecond'
                """,
                Sql.of(last.childRows()),
                Sql.of(assignments(restored.set())),
                Sql.of(table.name().quoted()),
                Fragments.joins(path.subList(0, path.size() - 1)),
                Sql.of(String.join(" and ", same)),
                key.matches(table),
                Sql.of(instant(dependent.table().type(restored.column()), column("d", restored.column()))),
                Sql.of(instant(
                        table.type(policy.age().column()),
                        column("t", policy.age().column()))),
                Sql.of("?", restored.within().toMillis()));
    }

    private String instant(String type, String expression) {
        return Ages.instant(type, policy.age(), expression);
    }

    private static String assignments(List<Assignment> set) {
        return set.stream()
                .map(undo -> TableName.quote(undo.column()) + " = " + value(undo.to()))
                .collect(Collectors.joining(", "));
    }

    private static String value(Condition.Is is) {
        return switch (is) {
            case TRUE -> "true";
            case FALSE -> "false";
            case NULL -> "null";
            case NOT_NULL -> throw new IllegalStateException("no undo sets a column to not-null");
        };
    }
}
