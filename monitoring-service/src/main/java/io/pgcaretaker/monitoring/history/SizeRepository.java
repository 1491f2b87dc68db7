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
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Sizes over time. An empty name is the whole database. */
final class SizeRepository {

    /** Something's size at one moment. */
    record Size(Instant takenAt, String schema, String table, long bytes) {}

    /** How something grew between its first and its last sample of a time. */
    @Schema(name = "TableGrowth")
    record Growth(String schema, String table, long bytes, long grownBytes) {}

    void add(Connection connection, List<Size> sizes) throws SQLException {
        String sql = """
                /* caretaker.size-sample */
                insert into caretaker.size_sample (taken_at, schema_name, table_name, bytes)
                values (?, ?, ?, ?)
                on conflict do nothing
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (Size size : sizes) {
                statement.setObject(1, size.takenAt().atOffset(ZoneOffset.UTC));
                statement.setString(2, size.schema());
                statement.setString(3, size.table());
                statement.setLong(4, size.bytes());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** The database's size over time, at most one an hour. */
    List<Size> database(Connection connection, Instant since) throws SQLException {
        String sql = """
                /* caretaker.size-database */
                select distinct on (date_trunc('hour', taken_at)) taken_at, bytes
                from caretaker.size_sample
                where schema_name = ''
                  and table_name = ''
                  and taken_at >= ?
                order by date_trunc('hour', taken_at), taken_at
                """;
        List<Size> sizes = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, since.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    sizes.add(new Size(
                            rows.getObject("taken_at", OffsetDateTime.class).toInstant(),
                            "",
                            "",
                            rows.getLong("bytes")));
                }
            }
        }
        return sizes;
    }

    /** Steps from name to name, and takes of each its first and its last sample: all of a year are two million. */
    List<Growth> tables(Connection connection, Instant since, int limit) throws SQLException {
        String sql = """
                /* caretaker.size-growth */
                with recursive named as (
                  (
                    select schema_name, table_name
                    from caretaker.size_sample
                    where (schema_name, table_name) > ('', '')
                    order by schema_name, table_name
                    limit 1
                  )
                  union all
                  select next.schema_name, next.table_name
                  from named
                  cross join lateral (
                    select s.schema_name, s.table_name
                    from caretaker.size_sample s
                    where (s.schema_name, s.table_name) > (named.schema_name, named.table_name)
                    order by s.schema_name, s.table_name
                    limit 1
                  ) next
                )
                select named.schema_name, named.table_name, last.bytes, last.bytes - first.bytes as grown
                from named
                cross join lateral (
                  select s.bytes
                  from caretaker.size_sample s
                  where s.schema_name = named.schema_name
                    and s.table_name = named.table_name
                    and s.taken_at >= ?
                  order by s.taken_at
                  limit 1
                ) first
                cross join lateral (
                  select s.bytes
                  from caretaker.size_sample s
                  where s.schema_name = named.schema_name
                    and s.table_name = named.table_name
                    and s.taken_at >= ?
                  order by s.taken_at desc
                  limit 1
                ) last
                order by grown desc, named.schema_name, named.table_name
                limit ?
                """;
        List<Growth> growth = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, since.atOffset(ZoneOffset.UTC));
            statement.setObject(2, since.atOffset(ZoneOffset.UTC));
            statement.setInt(3, limit);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    growth.add(new Growth(
                            rows.getString("schema_name"),
                            rows.getString("table_name"),
                            rows.getLong("bytes"),
                            rows.getLong("grown")));
                }
            }
        }
        return growth;
    }
}
