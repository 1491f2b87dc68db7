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

/** The application's tables as they are and were. Read from the catalogue, which no DDL lock holds up. */
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

    /** Compares what is with what was, and writes down the difference; returns how many tables differ. */
    int compare(Connection connection, Instant now) throws SQLException {
        String sql = """
                /* caretaker.schema-compare */
                with locked as materialized (
                  -- Held or waited for by DDL: pg_get_expr would wait behind it. They are compared in a later round.
                  select relation
                  from pg_locks
                  where locktype = 'relation'
                    and mode = 'AccessExclusiveLock'
                    and database = (select oid from pg_database where datname = current_database())
                ), tables as materialized (
                  select c.oid, n.nspname, c.relname
                  from pg_class c
                  join pg_namespace n on n.oid = c.relnamespace
                  where c.relkind in ('r', 'p', 'm', 'v')
                    and not c.relispartition
                    and n.nspname not in ('pg_catalog', 'information_schema', 'caretaker')
                    and n.nspname !~ '^pg_'
                    and c.oid not in (select relation from locked)
                    and not exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
                      and d.deptype = 'e')
                ), columns as (
                  select a.attrelid as oid, jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                      'name', a.attname,
                      'type', format_type(a.atttypid, a.atttypmod),
                      'required', nullif(a.attnotnull, false),
                      'default', pg_get_expr(d.adbin, d.adrelid))) order by a.attnum) as list
                  from pg_attribute a
                  join tables t on t.oid = a.attrelid
                  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
                  where a.attnum > 0
                    and not a.attisdropped
                  group by a.attrelid
                ), keys as (
                  select k.conrelid as oid, jsonb_object_agg(k.conname, pg_get_constraintdef(k.oid)) as list
                  from pg_constraint k
                  join tables t on t.oid = k.conrelid
                  where k.contype in ('p', 'u', 'f', 'c', 'x')
                  group by k.conrelid
                ), indexes as (
                  select i.indrelid as oid, jsonb_object_agg(x.relname, pg_get_indexdef(i.indexrelid)) as list
                  from pg_index i
                  join tables t on t.oid = i.indrelid
                  join pg_class x on x.oid = i.indexrelid
                  group by i.indrelid
                ), present as materialized (
                  select t.nspname as schema_name, t.relname as table_name, jsonb_build_object(
                    'columns', coalesce(c.list, '[]'), 'keys', coalesce(k.list, '{}'), 'indexes', coalesce(i.list, '{}')
                    ) as definition
                  from tables t
                  left join columns c on c.oid = t.oid
                  left join keys k on k.oid = t.oid
                  left join indexes i on i.oid = t.oid
                ), ended as (
                  update caretaker.schema_object o
                  set valid_to = ?
                  where o.valid_to is null
                    and not exists (
                      select 1
                      from locked l
                      join pg_class c on c.oid = l.relation
                      join pg_namespace n on n.oid = c.relnamespace
                      where n.nspname = o.schema_name
                        and c.relname = o.table_name)
                    and not exists (
                      select 1
                      from present p
                      where p.schema_name = o.schema_name
                        and p.table_name = o.table_name
                        and p.definition = o.definition)
                  returning o.schema_name, o.table_name
                )
                select p.schema_name, p.table_name, p.definition::text as definition
                from present p
                where exists (
                    select 1 from ended e where e.schema_name = p.schema_name and e.table_name = p.table_name)
                  or not exists (
                    select 1
                    from caretaker.schema_object o
                    where o.valid_to is null
                      and o.schema_name = p.schema_name
                      and o.table_name = p.table_name)
                union all
                select e.schema_name, e.table_name, null
                from ended e
                where not exists (
                    select 1 from present p where p.schema_name = e.schema_name and p.table_name = e.table_name)
                """;
        OffsetDateTime at = now.atOffset(ZoneOffset.UTC);
        int different = 0;
        try (PreparedStatement statement = connection.prepareStatement(sql);
                PreparedStatement insert = connection.prepareStatement("""
                        /* caretaker.schema-insert */
                        insert into caretaker.schema_object (schema_name, table_name, definition, valid_from)
                        values (?, ?, ?::jsonb, ?)
                        """)) {
            statement.setObject(1, at);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    different++;
                    if (rows.getString("definition") == null) {
                        continue;
                    }
                    insert.setString(1, rows.getString("schema_name"));
                    insert.setString(2, rows.getString("table_name"));
                    insert.setString(3, rows.getString("definition"));
                    insert.setObject(4, at);
                    insert.addBatch();
                }
            }
            insert.executeBatch();
        }
        return different;
    }

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
