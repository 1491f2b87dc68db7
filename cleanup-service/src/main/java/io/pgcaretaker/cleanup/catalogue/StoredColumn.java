package io.pgcaretaker.cleanup.catalogue;

import org.jspecify.annotations.Nullable;

/**
 * A column that holds values of its own.
 *
 * @param type as PostgreSQL writes it
 * @param place the table's oid and the column's number in it, which stay whatever it is called
 * @param fields of the composite types in it, in their order; absent: there are none
 */
public record StoredColumn(
        String name, String type, String place, @Nullable String fields) {}
