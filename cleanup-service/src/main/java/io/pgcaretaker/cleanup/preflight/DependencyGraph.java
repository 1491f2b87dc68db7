package io.pgcaretaker.cleanup.preflight;

import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.ConstraintRepository;
import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.ForeignKey.OnDelete;
import io.pgcaretaker.cleanup.catalogue.MemberRepository;
import io.pgcaretaker.cleanup.catalogue.ReplicationRepository.Change;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Dependent;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Follows the foreign keys down from a policy's table; collects what goes with a row and what stands in the way. */
final class DependencyGraph {

    /** Each of them is some statements in every batch: with more of them a transaction takes many seconds, however few rows go. */
    private static final int MOST_PATHS = 2_000;

    private final ConstraintRepository constraints = new ConstraintRepository();
    private final MemberRepository members = new MemberRepository();
    private final ReplicationChecks replication = new ReplicationChecks();
    private final CatalogueRepository catalogue;
    private final Session session;
    private final RetentionPolicy policy;

    private final List<Dependent> dependents = new ArrayList<>();
    private final List<ForeignKey> unset = new ArrayList<>();
    private final List<Dependent> altered = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final Map<Long, Integer> depths = new HashMap<>();
    /** By the table's oid: it is come to again in each way that leads there. */
    private final Map<Long, List<ForeignKey>> references = new HashMap<>();

    private final Map<Long, Optional<Table>> tables = new HashMap<>();

    DependencyGraph(CatalogueRepository catalogue, Session session, RetentionPolicy policy) {
        this.catalogue = catalogue;
        this.session = session;
        this.policy = policy;
    }

    void follow(Table root) throws SQLException {
        descend(root, List.of(), List.of(root.oid()));
        if (isTooMany()) {
            problems.add("its dependents are reached from " + root.name() + " in more than " + MOST_PATHS
                    + " ways, by one foreign key after the other; drop those that others say already, such as one to "
                    + root.name()
                    + " in a table whose rows belong to it by their parent, or make them on delete set null");
        }
        // Leaves first: nothing may cascade that was not counted.
        dependents.sort(Comparator.comparingInt((Dependent dependent) ->
                        depths.getOrDefault(dependent.table().oid(), 0))
                .reversed());
    }

    /** More than are gone along, so that not all are known. */
    boolean isTooMany() {
        return dependents.size() + altered.size() > MOST_PATHS;
    }

    private void descend(Table parent, List<ForeignKey> path, List<Long> above) throws SQLException {
        for (ForeignKey key : referencing(parent.oid())) {
            if (isTooMany()) {
                return;
            }
            if (key.period()) {
                problems.add("the foreign key " + key.name() + " of " + key.child()
                        + " is over a period: its rows may refer to several rows at once, which is not supported; drop the"
                        + " key, or leave " + parent.name() + " to its application");
                continue;
            }
            if (!key.switchedOff().isEmpty()) {
                problems.add("the foreign key " + key.name() + " of " + key.child()
                        + " is switched off with the triggers of " + key.parent()
                        + ", so that rows would go on to refer to what has gone; run: alter table "
                        + String.join("; alter table ", key.switchedOff()));
            }
            if (!key.indexed()) {
                problems.add("the foreign key " + key.name() + " of " + key.child()
                        + " has no index, every delete would read the whole table; run: " + key.missingIndex());
            }
            if (key.onDelete() == OnDelete.SET_NULL || key.onDelete() == OnDelete.SET_DEFAULT) {
                unset.add(key);
                refusedValues(key);
                if (key.onDelete() == OnDelete.SET_DEFAULT && isSetToNothing(key)) {
                    problems.add("the foreign key " + key.name() + " of " + key.child()
                            + " is set to its default, which no row of "
                            + key.parent() + " has: no row that is referred to could go; insert that row, or change the"
                            + " default or the key");
                }
                Optional<Table> child = table(key.childOid());
                if (child.isPresent()) {
                    altered.add(new Dependent(child.get(), further(path, key), false));
                    problems.addAll(TableChecks.unsetProblems(
                            key, child.get(), members.members(session, key.childOid()), policy));
                    problems.addAll(replication.problems(session, child.get(), Change.UPDATE));
                }
            } else if (above.contains(key.childOid())) {
                problems.add("the foreign key " + key.name() + " of " + key.child()
                        + " leads back to a table that is deleted from already (a cycle or a self reference): rows that"
                        + " are not expired could go; make the key on delete set null, so that they stay"
                        + (key.period() ? "" : "; run: " + key.toSetNull()));
            } else if (key.onDelete() == OnDelete.CASCADE || isListed(key)) {
                include(key, path, above);
            } else {
                problems.add("the foreign key " + key.name() + " of " + key.child()
                        + " does not cascade, its rows keep the delete from happening; list the table under the policy's"
                        + " dependents, or change the key to on delete cascade or set null");
            }
        }
    }

    private void include(ForeignKey key, List<ForeignKey> path, List<Long> above) throws SQLException {
        Optional<Table> child = table(key.childOid());
        if (child.isEmpty()) {
            problems.add(key.child() + " has gone while it was looked at");
            return;
        }
        if (!key.toCollate().isEmpty()) {
            problems.add("the foreign key " + key.name() + " of " + key.child() + " is between columns of different"
                    + " collations, which PostgreSQL does not compare in a statement; run: alter table "
                    + key.child().quoted() + " " + String.join(", ", key.toCollate()));
        }
        if (!depths.containsKey(key.childOid())) {
            problems.addAll(TableChecks.problems(child.get(), policy));
            problems.addAll(TableChecks.problems(members.members(session, key.childOid()), policy));
            problems.addAll(replication.problems(session, child.get(), Change.DELETE));
        }
        List<ForeignKey> further = further(path, key);
        List<Long> tables = new ArrayList<>(above);
        tables.add(key.childOid());
        int before = dependents.size();
        descend(child.get(), further, tables);
        depths.merge(key.childOid(), further.size(), Math::max);
        dependents.add(new Dependent(child.get(), further, dependents.size() > before));
    }

    private List<ForeignKey> referencing(long table) throws SQLException {
        List<ForeignKey> known = references.get(table);
        if (known == null) {
            known = catalogue.referencing(session, table);
            references.put(table, known);
        }
        return known;
    }

    private Optional<Table> table(long oid) throws SQLException {
        Optional<Table> known = tables.get(oid);
        if (known == null) {
            known = catalogue.table(session, oid);
            tables.put(oid, known);
        }
        return known;
    }

    private static List<ForeignKey> further(List<ForeignKey> path, ForeignKey key) {
        List<ForeignKey> further = new ArrayList<>(path);
        further.add(key);
        return further;
    }

    /** Each run would fail at the first row that is referred to, or the second. */
    private void refusedValues(ForeignKey key) throws SQLException {
        String set = "the foreign key " + key.name() + " of " + key.child() + " is set to "
                + (key.onDelete() == OnDelete.SET_NULL ? "null" : "its default");
        if (key.breaksWhole()) {
            problems.add("the foreign key " + key.name() + " of " + key.child() + " is match full, and only "
                    + key.leftNull()
                    + " of it is set to null: no row that is referred to could go; make it match simple, or"
                    + " let all of its columns be set to null");
        }
        if (!Collections.disjoint(key.leftNull(), key.childRequired())) {
            problems.add(set + (key.onDelete() == OnDelete.SET_NULL ? "," : ", which is null and")
                    + " which its column does not allow: no row that is referred to could go; let the column be null, or"
                    + " change the key to on delete cascade");
            return;
        }
        Table child = table(key.childOid()).orElse(null);
        if (child == null) {
            return;
        }
        Map<String, Sql> values = new HashMap<>();
        key.left()
                .forEach((column, value) ->
                        values.put(column, Sql.of("cast(" + value + " as " + child.type(column) + ")")));
        for (String check :
                constraints.refusing(session, child.oid(), constraints.withGenerated(session, child.oid(), values))) {
            problems.add(
                    set + ", which the constraint " + check + " does not allow: no row that is referred to could go;"
                            + " change the constraint, or change the key to on delete cascade");
        }
        if (constraints.hasNoPartition(session, child.oid(), values)) {
            problems.add(set + ", for which it has no partition: no row that is referred to could go; make one, or a"
                    + " default one, or change the key to on delete cascade");
        }
        for (String index : constraints.allowingOne(session, child.oid(), values.keySet(), key.leftNull())) {
            problems.add(set + ", which by the unique index " + index + " only one row may have: no second row that is"
                    + " referred to could go; drop the index, or change the key to on delete cascade");
        }
    }

    /** A part of a key that stays as it is may lead to a row with the default of the others. */
    private boolean isSetToNothing(ForeignKey key) throws SQLException {
        return key.unsetColumns().size() == key.childColumns().size() && !catalogue.hasDefaultRow(session, key);
    }

    private boolean isListed(ForeignKey key) {
        return policy.dependents().contains(key.child().table())
                || policy.dependents().contains(key.child().toString());
    }

    List<Dependent> dependents() {
        return List.copyOf(dependents);
    }

    /** Keys whose columns PostgreSQL sets to null or to their default: those rows stay. */
    List<ForeignKey> unset() {
        return List.copyOf(unset);
    }

    /** The rows that these are of. */
    List<Dependent> altered() {
        return List.copyOf(altered);
    }

    /** All of whose rows something is asked: see {@link ArmedPolicy#keepers}. */
    List<Dependent> keepers() {
        return Stream.concat(dependents.stream(), altered.stream()).toList();
    }

    List<String> problems() {
        // A key that is reached in several ways is looked at in each.
        return problems.stream().distinct().toList();
    }
}
