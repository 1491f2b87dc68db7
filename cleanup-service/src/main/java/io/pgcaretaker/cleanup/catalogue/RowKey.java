package io.pgcaretaker.cleanup.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.cleanup.GivenText;
import io.pgcaretaker.cleanup.database.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One row of a table, by its key; never printed, since a key may be personal.
 *
 * @param columns the key's columns
 * @param values their values as text
 */
public record RowKey(List<String> columns, List<String> values) {

    /** For whoever sends one. */
    public static final String DESCRIPTION =
            "The row's key: its value, or for a key of several columns an object of column and value";

    /** One of several columns. */
    public static final String EXAMPLE = "{\"id\": 42, \"at\": \"2026-01-31T00:00:00Z\"}";

    public RowKey {
        columns = List.copyOf(columns);
        values = List.copyOf(values);
    }

    /** From {@code "abc"}, {@code 42} or {@code {"column": "value", …}}; empty when it is not such a key. */
    public static Optional<RowKey> read(List<String> columns, JsonNode json) {
        if (columns.size() == 1 && isValue(json)) {
            return Optional.of(new RowKey(columns, List.of(json.asText())));
        }
        List<String> values = new ArrayList<>();
        for (String column : columns) {
            JsonNode value = json.get(column);
            if (value == null || !isValue(value)) {
                return Optional.empty();
            }
            values.add(value.asText());
        }
        return json.size() == columns.size() ? Optional.of(new RowKey(columns, values)) : Optional.empty();
    }

    private static boolean isValue(JsonNode json) {
        // What PostgreSQL would not be sent as it stands is no key of any row.
        return json.isValueNode() && !json.isNull() && GivenText.isText(json.asText());
    }

    /** How a key of these columns is given, for who gave it otherwise. */
    public static String rule(List<String> columns) {
        return "must have a value for each of " + columns + (columns.size() == 1 ? ", alone or" : ",") + " as "
                + columns.stream().map(column -> '"' + column + "\": …").collect(Collectors.joining(", ", "{", "}"));
    }

    /** The row of {@code t} that this key names. */
    public Sql matches(Table table) {
        return new Sql(
                IntStream.range(0, columns.size())
                        .mapToObj(i -> "t." + TableName.quote(columns.get(i)) + " = " + cast(table, columns.get(i)))
                        .collect(Collectors.joining(" and ")),
                new ArrayList<>(values));
    }

    /** The values in their types' own text forms, as expressions. */
    public Sql canonical(Table table, String template) {
        return new Sql(
                template.formatted(columns.stream()
                        .map(column -> cast(table, column) + "::text")
                        .collect(Collectors.joining(", "))),
                new ArrayList<>(values));
    }

    private static String cast(Table table, String column) {
        return "cast(? as " + table.typeWithoutLength(column) + ")";
    }

    @Override
    public String toString() {
        return "RowKey" + columns;
    }
}
