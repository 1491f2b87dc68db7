package io.pgcaretaker.cleanup.catalogue;

/**
 * What the catalogue says of one column.
 *
 * @param unique it is in a unique index, or an expression of one may use it
 * @param foreignKey it is part of a foreign key, on either side
 */
public record ColumnFacts(String column, boolean notNull, boolean generated, boolean unique, boolean foreignKey) {}
