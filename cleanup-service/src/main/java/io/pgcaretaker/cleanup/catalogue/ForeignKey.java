package io.pgcaretaker.cleanup.catalogue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A foreign key, seen from the table it points to.
 *
 * @param child the table that has the key
 * @param childOid its oid
 * @param indexed the child has a valid index that begins with the key's columns
 * @param toPartition it refers to rows of one partition alone
 * @param unsetColumns those of the child's columns that a delete sets to null or default: all of them, or those that
 *     {@code on delete set null (…)} names
 * @param childRequired those of the child's columns that allow no null
 * @param whole its columns are all null or none of them is ({@code match full})
 * @param period it refers to rows that together cover a period ({@code period}, PostgreSQL 18)
 * @param switchedOff what {@code alter table} is to be told so that it acts when a row goes; empty: it does
 * @param defaults what the whole key is set to, as SQL by the parent's column; empty: not known to be fixed values
 * @param constants defaults that are a fixed value, or {@link #NULL}, as SQL by the child's column
 * @param definition as {@link #DEFINITION} writes it
 * @param toCollate what {@code alter table} is to be told so that the child's columns have the collations of the parent's;
 *     empty: they have
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
        boolean indexed,
        boolean childPartitioned,
        boolean toPartition,
        List<String> unsetColumns,
        List<String> childRequired,
        boolean whole,
        boolean period,
        List<String> switchedOff,
        Map<String, String> defaults,
        Map<String, String> constants,
        String definition,
        List<String> toCollate) {

    /** Among the {@link #constants}. */
    static final String NULL = "NULL";

    /** All that a key does, as SQL about the constraint {@code f}; whether its rows were looked at when it was made is no part of it. */
    public static final String DEFINITION = "replace(pg_get_constraintdef(f.oid), ' NOT VALID', '')";

    /** As PostgreSQL writes what is done with the child's row. */
    private static final String DELETES = " ON DELETE (CASCADE|RESTRICT|SET DEFAULT)";

    private static final Pattern ATTRIBUTES = Pattern.compile(" (DEFERRABLE|INITIALLY|NOT ENFORCED)");

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
        unsetColumns = List.copyOf(unsetColumns);
        switchedOff = List.copyOf(switchedOff);
        toCollate = List.copyOf(toCollate);
        defaults = Map.copyOf(defaults);
        constants = Map.copyOf(constants);
        childRequired = List.copyOf(childRequired);
    }

    /** The child, as it stands in a statement: rows of tables that inherit from it do not refer to anything by this key. */
    public String childRows() {
        return childPartitioned ? child.quoted() : "only " + child.quoted();
    }

    /** What a delete makes of those of the child's columns of which that is known, as SQL. */
    public Map<String, String> left() {
        Map<String, String> left = new HashMap<>();
        for (String column : unsetColumns) {
            String value = onDelete == OnDelete.SET_NULL ? NULL : constants.get(column);
            if (value != null) {
                left.put(column, value);
            }
        }
        return left;
    }

    /** Those of the child's columns that a delete makes null. */
    public List<String> leftNull() {
        Map<String, String> left = left();
        return childColumns.stream()
                .filter(column -> NULL.equals(left.get(column)))
                .toList();
    }

    /** A delete would make some of its columns null and others not, which it does not allow. */
    public boolean breaksWhole() {
        Map<String, String> left = left();
        // What is not set stays, and what refers to a row has a value in each of them.
        boolean value = childColumns.stream()
                .anyMatch(column -> !unsetColumns.contains(column)
                        || !left.getOrDefault(column, NULL).equals(NULL));
        return whole && value && !leftNull().isEmpty();
    }

    /** What an operator runs so that a delete does not read the whole child for every parent. */
    public String missingIndex() {
        return createIndex(child, childPartitioned, childColumns);
    }

    /** What an operator runs so that a row stays without what it refers to; all else about the key is kept. */
    public String toSetNull() {
        // Behind the columns of the parent, the last that is in brackets where a delete sets none to null.
        String rules = definition.substring(definition.lastIndexOf(')') + 1).replaceFirst(DELETES, "");
        Matcher attributes = ATTRIBUTES.matcher(rules);
        int at = attributes.find() ? attributes.start() : rules.length();
        String constraint = TableName.quote(name);
        return "alter table " + child.quoted()
                + childRequired.stream()
                        .map(column -> " alter column " + TableName.quote(column) + " drop not null,")
                        .collect(Collectors.joining())
                + " drop constraint " + constraint + ", add constraint " + constraint + " foreign key ("
                + list(childColumns) + ") references " + parent.quoted() + " (" + list(parentColumns) + ")"
                + rules.substring(0, at) + " on delete set null" + rules.substring(at)
                // What was checked when the key was made is not read again under the locks that this takes.
                + (childPartitioned
                        ? ""
                        : " not valid; alter table " + child.quoted() + " validate constraint " + constraint);
    }

    private static String list(List<String> columns) {
        return columns.stream().map(TableName::quote).collect(Collectors.joining(", "));
    }

    /** On a table with partitions PostgreSQL builds no index concurrently: a comment, so that all of it can be run, says what else there is. */
    public static String createIndex(TableName table, boolean partitioned, List<String> columns) {
        String on = " on " + table.quoted() + " ("
                + columns.stream().map(TableName::quote).collect(Collectors.joining(", ")) + ")";
        return "create index"
                + (partitioned
                        ? on + "; -- it shuts each partition while it is built; or make it on only the table itself,"
                                + " concurrently on each partition, and attach those"
                        : " concurrently" + on);
    }
}
