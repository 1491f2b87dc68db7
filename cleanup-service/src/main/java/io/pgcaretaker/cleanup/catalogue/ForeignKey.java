package io.pgcaretaker.cleanup.catalogue;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A foreign key, seen from the table it points to.
 *
 * @param child the table that has the key
 * @param childOid its oid
 * @param indexed the child has a valid index that begins with the key's columns
 */
public record ForeignKey(
        String name,
        long childOid,
        TableName child,
        List<String> childColumns,
        long parentOid,
        TableName parent,
        List<String> parentColumns,
        OnDelete onDelete,
        boolean indexed) {

    /** What PostgreSQL does with the child's row. */
    public enum OnDelete {
        CASCADE,
        SET_NULL,
        SET_DEFAULT,
        RESTRICT,
        NO_ACTION;

        static OnDelete of(String confdeltype) {
            return switch (confdeltype) {
                case "c" -> CASCADE;
                case "n" -> SET_NULL;
                case "d" -> SET_DEFAULT;
                case "r" -> RESTRICT;
                default -> NO_ACTION;
            };
        }
    }

    public ForeignKey {
        childColumns = List.copyOf(childColumns);
        parentColumns = List.copyOf(parentColumns);
    }

    /** What an operator runs so that a delete does not read the whole child for every parent. */
    public String missingIndex() {
        return "create index concurrently on " + child.quoted() + " ("
                + childColumns.stream().map(TableName::quote).collect(Collectors.joining(", ")) + ")";
    }
}
