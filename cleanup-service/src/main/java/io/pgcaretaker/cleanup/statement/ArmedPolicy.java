package io.pgcaretaker.cleanup.statement;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.Condition;
import io.pgcaretaker.cleanup.policy.Mask;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A policy that was proven safe on the table as it is now.
 *
 * @param key the columns that identify a row
 * @param dependents what goes with a row, leaves first
 * @param storedColumns all columns but generated ones, in the table's order
 * @param byBlocks ranges of blocks may be read; false: some partition can only be reached through the whole table
 * @param wholeIndex an index over all rows serves the age; false: only partial ones, or one a partition
 * @param operators oids of those that compare rows and are not PostgreSQL's own; each session has to find them
 * @param leaf the partition that statements are about; absent: the whole table
 * @param unset foreign keys whose columns PostgreSQL sets to null or default; those rows stay
 * @param altered those rows, by each path that leads to them
 */
public record ArmedPolicy(
        RetentionPolicy policy,
        Table table,
        List<String> key,
        List<String> storedColumns,
        List<Dependent> dependents,
        List<ForeignKey> unset,
        List<Dependent> altered,
        boolean byBlocks,
        boolean wholeIndex,
        List<Long> operators,
        @Nullable TableName leaf) {
    public ArmedPolicy {
        key = List.copyOf(key);
        storedColumns = List.copyOf(storedColumns);
        dependents = List.copyOf(dependents);
        unset = List.copyOf(unset);
        altered = List.copyOf(altered);
        operators = List.copyOf(operators);
    }

    /** What would go with a row, or be changed with it: where that is held, the row stays. */
    public List<Dependent> keepers() {
        return Stream.concat(dependents.stream(), altered.stream()).toList();
    }

    /** Rows are picked by key: others depend on them, their keys are remembered, or a notice ends with each. */
    public boolean goesByKey() {
        return !dependents.isEmpty() || policy.rememberKeys() || policy.givesNotice();
    }

    /** Nothing goes along with a row, but rows may lose their reference to it, and more than a statement can change in its time. */
    public boolean maySetNullInParts() {
        return policy.action().is(Action.Kind.DELETE) && !setNull().isEmpty();
    }

    /** Triggers that fire on what is masked may set it back; none fires that the policy does not name, of a partition neither. */
    public boolean masksMayBeUndone() {
        return policy.action().is(Action.Kind.ANONYMISE) && !policy.triggers().isEmpty();
    }

    /** The same, of one partition. Holds, ledger and counts go by the whole table all the same. */
    ArmedPolicy at(TableName partition) {
        return new ArmedPolicy(
                policy,
                table,
                key,
                storedColumns,
                dependents,
                unset,
                altered,
                byBlocks,
                wholeIndex,
                operators,
                partition);
    }

    /** Rows of a dependent table as if the policy were about them: what depends on them in turn goes with them. */
    public ArmedPolicy of(Dependent dependent) {
        return new ArmedPolicy(
                policy,
                dependent.table(),
                dependent.table().primaryKey(),
                storedColumns,
                below(dependent, dependents),
                unset,
                below(dependent, altered),
                false,
                false,
                operators,
                null);
    }

    private static List<Dependent> below(Dependent dependent, List<Dependent> all) {
        int depth = dependent.path().size();
        return all.stream()
                .filter(other -> other.path().size() > depth
                        && other.path().subList(0, depth).equals(dependent.path()))
                .map(other -> new Dependent(
                        other.table(), other.path().subList(depth, other.path().size()), other.inner()))
                .toList();
    }

    /** Where PostgreSQL sets columns to null when rows go, from the policy's table down. */
    public List<List<ForeignKey>> setNull() {
        List<List<ForeignKey>> paths = new ArrayList<>();
        for (ForeignKey key : unset) {
            if (key.onDelete() == ForeignKey.OnDelete.SET_NULL) {
                if (key.parentOid() == table.oid()) {
                    paths.add(List.of(key));
                }
                dependents.stream()
                        .filter(dependent -> dependent.table().oid() == key.parentOid())
                        .map(dependent -> Stream.concat(dependent.path().stream(), Stream.of(key))
                                .toList())
                        .forEach(paths::add);
            }
        }
        return paths;
    }

    /** What stands in {@code from}. */
    String from() {
        return (leaf == null ? table.name() : leaf).quoted();
    }

    /** By which a legal hold names a row, whichever policy it was placed through. */
    public List<String> subjectColumns() {
        return table.subjectColumns(key);
    }

    public boolean isPartitioned() {
        return table.kind().equals("p");
    }

    /** Those that decide which rows go, or what becomes of them. */
    public List<String> columns() {
        return Stream.of(
                        Stream.of(policy.age().column()),
                        policy.filter().stream().map(Condition::column),
                        policy.action().masks().stream().map(Mask::column),
                        key.stream())
                .flatMap(names -> names)
                .distinct()
                .toList();
    }

    public String ageType() {
        return table.type(policy.age().column());
    }
}
