package io.pgcaretaker.cleanup.catalogue;

/** A table as the catalogue knows it. */
public record TableName(String schema, String table) {

    /** For SQL: both parts quoted. */
    public String quoted() {
        return quote(schema) + "." + quote(table);
    }

    /** The one place that quotes an identifier. */
    public static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** For people: {@code schema.table}. */
    @Override
    public String toString() {
        return schema + "." + table;
    }
}
