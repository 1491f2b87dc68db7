package io.pgcaretaker.cleanup.catalogue;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What the catalogue says of a table.
 *
 * @param kind as {@code pg_class.relkind}: r table, p partitioned, v view, m materialized view, f foreign table
 * @param rowSecurity row-level security hides rows from this role
 * @param reachable this role may use the schema
 * @param columns type by name, as {@code format_type} writes it
 * @param numbers of the columns by name, which another column never gets
 * @param primaryKey column names in the key's order; empty: there is none
 * @param deleteTriggers names of the application's triggers that fire on delete
 * @param updateTriggers of those that fire on update
 * @param missingPrivileges of select, update, delete
 */
public record Table(
        long oid,
        TableName name,
        String kind,
        boolean partition,
        boolean inherited,
        boolean rowSecurity,
        boolean deleteRule,
        boolean updateRule,
        boolean reachable,
        Map<String, String> columns,
        Map<String, Integer> numbers,
        List<String> primaryKey,
        List<String> deleteTriggers,
        List<String> updateTriggers,
        List<String> missingPrivileges,
        String role,
        long bytes) {

    private static final Pattern LENGTH =
            Pattern.compile("^(character varying|character|bit varying|bit|numeric|timestamp|time)\\([0-9,-]+\\)");

    public Table {
        columns = Map.copyOf(columns);
        numbers = Map.copyOf(numbers);
        primaryKey = List.copyOf(primaryKey);
        deleteTriggers = List.copyOf(deleteTriggers);
        updateTriggers = List.copyOf(updateTriggers);
        missingPrivileges = List.copyOf(missingPrivileges);
    }

    /** By which a legal hold names a row: the primary key, where there is one, whatever key a policy goes by. */
    public List<String> subjectColumns(List<String> policyKey) {
        return primaryKey.isEmpty() ? policyKey : primaryKey;
    }

    public String type(String column) {
        String type = columns.get(column);
        if (type == null) {
            throw new IllegalArgumentException(name + " has no column " + column);
        }
        return type;
    }

    /** What a given value is cast to: to the column's own type, one that does not fit would be cut to one that does. */
    public String typeWithoutLength(String column) {
        String type = LENGTH.matcher(type(column)).replaceFirst("$1");
        // Of these two, the type without a length is of length 1.
        return switch (type) {
            case "character" -> "bpchar";
            case "bit" -> "\"bit\"";
            default -> type;
        };
    }
}
