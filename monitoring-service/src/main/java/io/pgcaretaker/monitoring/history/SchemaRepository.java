package io.pgcaretaker.monitoring.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The application's tables as they are and were. */
final class SchemaRepository {

    /** A table as it was for a time; the definition is JSON. */
    record Version(
            String schema,
            String table,
            String definition,
            Instant validFrom,
            @Nullable Instant validTo) {}

    /** A table that came, went or changed; before and after are JSON. */
    record Change(
            Instant at,
            String schema,
            String table,
            @Nullable String before,
            @Nullable String after) {}

    List<Version> present(Connection connection, int offset, int limit) throws SQLException {
        String sql = """
                /* caretaker.schema-present */
                select schema_name, table_name, definition::text as definition, valid_from, valid_to
                from caretaker.schema_object
                where valid_to is null
                order by schema_name, table_name
                offset ?
                limit ?
                """;
        List<Version> versions = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, offset);
            statement.setInt(2, limit);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    versions.add(new Version(
                            rows.getString("schema_name"),
                            rows.getString("table_name"),
                            rows.getString("definition"),
                            rows.getObject("valid_from", OffsetDateTime.class).toInstant(),
                            null));
                }
            }
        }
        return versions;
    }

    long count(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.schema-count */
                select count(*)
                from caretaker.schema_object
                where valid_to is null
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Newest first. What was there at the first look ever is no change. */
    List<Change> changes(Connection connection, Instant since, int limit) throws SQLException {
        String sql = """
                /* caretaker.schema-changes */
                select coalesce(o.valid_from, w.valid_to) as at,
                  coalesce(o.schema_name, w.schema_name) as schema_name,
                  coalesce(o.table_name, w.table_name) as table_name,
                  w.definition::text as before, o.definition::text as after
                from (
                  select *
                  from caretaker.schema_object
                  where valid_from >= ?
                    and valid_from > (select min(valid_from) from caretaker.schema_object)
                ) o
                full join (
                  select *
                  from caretaker.schema_object
                  where valid_to >= ?
                ) w on w.schema_name = o.schema_name and w.table_name = o.table_name and w.valid_to = o.valid_from
                order by 1 desc, 2, 3
                limit ?
                """;
        List<Change> changes = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, since.atOffset(ZoneOffset.UTC));
            statement.setObject(2, since.atOffset(ZoneOffset.UTC));
            statement.setInt(3, limit);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    changes.add(new Change(
                            rows.getObject("at", OffsetDateTime.class).toInstant(),
                            rows.getString("schema_name"),
                            rows.getString("table_name"),
                            rows.getString("before"),
                            rows.getString("after")));
                }
            }
        }
        return changes;
    }
}
