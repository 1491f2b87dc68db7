package io.pgcaretaker.monitoring.history;

import io.agroal.api.AgroalDataSource;
import io.pgcaretaker.monitoring.Transaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import javax.sql.DataSource;

/**
 * Compares the application's tables with what was written down about them. Read from the catalogue, which no DDL lock holds
 * up. Slices whose {@link CatalogueFingerprint} is as it was are not compared again: to say how ten thousand tables are defined
 * takes the database two seconds.
 */
final class SchemaComparison {

    /** A backend keeps what it has read of every relation until it ends: 13 kB a table, ten thousand at once were 71 MB. */
    static final int TABLES_A_SLICE = 200;

    private static final String COUNT = """
            /* caretaker.schema-slices */
            select count(*)
            from pg_class
            where relkind in ('r', 'p', 'm', 'v')
            """;

    private static final String COMPARE = """
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
                and (hashtext(n.nspname || '.' || c.relname) & 2147483647) % ? = ?
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
                and (hashtext(o.schema_name || '.' || o.table_name) & 2147483647) % ? = ?
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

    private static final String INSERT = """
            /* caretaker.schema-insert */
            insert into caretaker.schema_object (schema_name, table_name, definition, valid_from)
            values (?, ?, ?::jsonb, ?)
            """;

    /**
     * Some of a definition is from rows of others, which a fingerprint does not see: the name of a table that a foreign key refers
     * to, of a type, of a function in a default.
     */
    private static final Duration ALL_AGAIN = Duration.ofHours(6);

    private final DataSource database;
    private final int tablesASlice;
    private CatalogueFingerprint compared = CatalogueFingerprint.NONE;
    private Instant all = Instant.MIN;

    SchemaComparison(DataSource database, int tablesASlice) {
        this.database = database;
        this.tablesASlice = tablesASlice;
    }

    /** Writes down the difference; returns how many tables differ. */
    int run(Instant now) throws SQLException {
        long tables = Transaction.run(database, "schema-slices", SchemaComparison::count);
        int slices = (int) (tables / tablesASlice) + 1;
        CatalogueFingerprint present = Transaction.run(
                database, "schema-fingerprint", connection -> CatalogueFingerprint.of(connection, slices));
        if (!now.isBefore(all.plus(ALL_AGAIN))) {
            compared = CatalogueFingerprint.NONE;
            all = now;
        }
        int different = 0;
        for (int slice = 0; slice < slices; slice++) {
            int own = slice;
            if (present.isSame(slice, compared)) {
                continue;
            }
            different +=
                    Transaction.run(database, "schema-compare", connection -> compare(connection, now, slices, own));
            if (slices > 1 && database instanceof AgroalDataSource pool) {
                // What the backend has read goes with it; the next slice gets another one.
                pool.flush(AgroalDataSource.FlushMode.GRACEFUL);
            }
        }
        compared = present;
        return different;
    }

    private static long count(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(COUNT);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private static int compare(Connection connection, Instant now, int slices, int slice) throws SQLException {
        OffsetDateTime at = now.atOffset(ZoneOffset.UTC);
        int different = 0;
        try (PreparedStatement statement = connection.prepareStatement(COMPARE);
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            statement.setInt(1, slices);
            statement.setInt(2, slice);
            statement.setObject(3, at);
            statement.setInt(4, slices);
            statement.setInt(5, slice);
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
}
