package io.pgcaretaker.monitoring.collect;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One row as it was read; a column is a number, a text, a boolean, an {@link Instant} or absent. */
public final class Row {

    private final Columns columns;
    private final @Nullable Object[] values;

    Row(Columns columns, @Nullable Object[] values) {
        this.columns = columns;
        this.values = values;
    }

    public Row(Map<String, @Nullable Object> columns) {
        this(Columns.of(List.copyOf(columns.keySet())), columns.values().toArray());
    }

    /** As they were read, in their order. */
    public Map<String, @Nullable Object> columns() {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            all.put(columns.names().get(i), values[i]);
        }
        return Collections.unmodifiableMap(all);
    }

    private @Nullable Object value(String column) {
        int i = columns.of(column);
        return i < 0 ? null : values[i];
    }

    public boolean has(String column) {
        return value(column) != null;
    }

    /** Empty when the column is null or not there. */
    public String text(String column) {
        Object value = value(column);
        return value == null ? "" : value.toString();
    }

    public @Nullable String textOrNull(String column) {
        Object value = value(column);
        return value == null ? null : value.toString();
    }

    public boolean flag(String column) {
        return Boolean.TRUE.equals(value(column));
    }

    public @Nullable Instant instant(String column) {
        return value(column) instanceof Instant instant ? instant : null;
    }

    /** Zero when the column is null or not there. */
    public long count(String column) {
        return value(column) instanceof Number number ? number.longValue() : 0;
    }

    /** A boolean counts 1 or 0; a time its seconds since 1970; absent is not a number. */
    public double number(String column) {
        Object value = value(column);
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        if (value instanceof Instant instant) {
            return instant.toEpochMilli() / 1000.0;
        }
        return Double.NaN;
    }
}
