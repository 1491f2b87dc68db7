package io.pgcaretaker.monitoring.collect;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one statement returned, detached from its connection.
 *
 * @param bytes of all values, numbers as eight
 */
public record Rows(List<Row> list, long bytes) implements Iterable<Row> {

    public static final Rows NONE = new Rows(List.of(), 0);

    /** A collector that would hold more is wrong; memory stays bounded. */
    private static final int MOST = 20_000;

    private static final int LONGEST_SHARED = 200;

    public Rows {
        list = List.copyOf(list);
    }

    public static Rows read(PreparedStatement statement) throws SQLException {
        statement.setMaxRows(MOST);
        try (ResultSet result = statement.executeQuery()) {
            ResultSetMetaData meta = result.getMetaData();
            Columns columns = columns(meta);
            List<Row> rows = new ArrayList<>();
            long bytes = 0;
            while (result.next()) {
                @Nullable Object[] values = new Object[columns.names().size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = value(result, i + 1, meta);
                    bytes += values[i] instanceof String text ? text.length() : 8;
                }
                rows.add(new Row(columns, values));
            }
            return new Rows(rows, bytes);
        }
    }

    private static Columns columns(ResultSetMetaData meta) throws SQLException {
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            names.add(meta.getColumnLabel(i));
        }
        return Columns.of(names);
    }

    private static @Nullable Object value(ResultSet result, int column, ResultSetMetaData meta) throws SQLException {
        return switch (meta.getColumnType(column)) {
            case Types.TIMESTAMP -> time(result, column);
            case Types.BIGINT,
                    Types.INTEGER,
                    Types.SMALLINT,
                    Types.NUMERIC,
                    Types.REAL,
                    Types.DOUBLE,
                    Types.FLOAT,
                    Types.BIT,
                    Types.BOOLEAN -> result.getObject(column);
            default -> shared(result.getString(column));
        };
    }

    /** Names of databases, modes and settings, and their descriptions, come again with every look at every database. */
    private static @Nullable String shared(@Nullable String text) {
        return text == null || text.length() > LONGEST_SHARED ? text : text.intern();
    }

    /**
     * The driver calls those with a zone and those without one the same, and to say a column's type it asks the catalogue. As a
     * text only one with a zone has a sign behind its date.
     */
    private static @Nullable Object time(ResultSet result, int column) throws SQLException {
        String text = result.getString(column);
        if (text == null) {
            return null;
        }
        int clock = text.indexOf(':');
        boolean zoned = clock > 0 && (text.indexOf('+', clock) > 0 || text.indexOf('-', clock) > 0);
        return zoned ? instant(result, column) : utc(result.getObject(column, LocalDateTime.class));
    }

    private static @Nullable Object instant(ResultSet result, int column) throws SQLException {
        OffsetDateTime time = result.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /** As in the application's own tables. */
    private static @Nullable Instant utc(@Nullable LocalDateTime time) {
        return time == null ? null : time.toInstant(ZoneOffset.UTC);
    }

    @Override
    public Iterator<Row> iterator() {
        return list.iterator();
    }

    public boolean isEmpty() {
        return list.isEmpty();
    }

    /** The only row of a statement that returns one; an empty row when there is none. */
    public Row single() {
        return list.isEmpty() ? new Row(Map.of()) : list.get(0);
    }
}
