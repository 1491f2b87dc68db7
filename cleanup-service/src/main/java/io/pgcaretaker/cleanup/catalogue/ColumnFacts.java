package io.pgcaretaker.cleanup.catalogue;

/**
 * What the catalogue says of one column.
 *
 * @param generated PostgreSQL makes its value from other columns
 * @param virtual it is made when it is read, and is stored nowhere
 * @param identity PostgreSQL numbers the rows by it and takes no other value
 * @param time it is a date, a time, or both
 * @param composite it is a row of several values
 * @param unique it is in a unique index, or an expression of one, or a column that is generated and in one, may use it
 * @param oneNull it is in a unique index in which null is a value like any other ({@code nulls not distinct})
 * @param foreignKey it is part of a foreign key, on either side, or makes one that is generated
 */
public record ColumnFacts(
        String column,
        boolean notNull,
        boolean generated,
        boolean virtual,
        boolean identity,
        boolean time,
        boolean composite,
        boolean unique,
        boolean oneNull,
        boolean foreignKey) {}
