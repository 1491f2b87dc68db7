package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.util.List;

/**
 * A policy that was proven safe on the table as it is now.
 *
 * @param key the columns that identify a row
 * @param dependents what goes with a row, leaves first
 * @param storedColumns all columns but generated ones, in the table's order
 * @param unset foreign keys whose columns PostgreSQL sets to null or default; those rows stay
 */
public record ArmedPolicy(
        RetentionPolicy policy,
        Table table,
        List<String> key,
        List<String> storedColumns,
        List<Dependent> dependents,
        List<ForeignKey> unset) {
    public ArmedPolicy {
        key = List.copyOf(key);
        storedColumns = List.copyOf(storedColumns);
        dependents = List.copyOf(dependents);
        unset = List.copyOf(unset);
    }

    /** Rows are picked by key: others depend on them, their keys are remembered, or a notice ends with each. */
    public boolean goesByKey() {
        return !dependents.isEmpty() || policy.rememberKeys() || policy.givesNotice();
    }

    public String ageType() {
        return table.type(policy.age().column());
    }
}
