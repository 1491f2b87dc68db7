package io.pgcaretaker.monitoring.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * Which versions of the catalogue's rows a slice of the application's tables consists of. Reads each of the catalogue's tables
 * once, opens no relation and waits for no lock. A slice of which somebody holds or awaits a table for DDL has none.
 *
 * @param slices how many there are
 * @param bySlice slices without any table are not in it
 */
record CatalogueFingerprint(int slices, Map<Integer, String> bySlice) {

    /** Before anything was looked at. */
    static final CatalogueFingerprint NONE = new CatalogueFingerprint(0, Map.of());

    private static final String NO_TABLE = "";
    private static final String LOCKED = "locked";

    private static final String FINGERPRINT = """
            /* caretaker.schema-fingerprint */
            with tables as materialized (
              select c.oid, (hashtext(n.nspname || '.' || c.relname) & 2147483647) % ? as slice,
                hashtextextended(n.nspname || '.' || c.relname, c.oid::int8) as version
              from pg_class c
              join pg_namespace n on n.oid = c.relnamespace
              where c.relkind in ('r', 'p', 'm', 'v')
                and not c.relispartition
                and n.nspname not in ('pg_catalog', 'information_schema', 'caretaker')
                and n.nspname !~ '^pg_'
            ), parts as (
              select slice, version
              from tables
              union all
              select t.slice, hashtextextended(a.xmin::text, a.attrelid::int8 * 2048 + a.attnum)
              from pg_attribute a
              join tables t on t.oid = a.attrelid
              where a.attnum > 0
              union all
              select t.slice, hashtextextended(d.xmin::text, d.oid::int8)
              from pg_attrdef d
              join tables t on t.oid = d.adrelid
              union all
              select t.slice, hashtextextended(k.xmin::text, k.oid::int8)
              from pg_constraint k
              join tables t on t.oid = k.conrelid
              union all
              select t.slice, hashtextextended(
                i.xmin::text || x.relname || coalesce(array_to_string(x.reloptions, ','), ''), x.oid::int8)
              from pg_index i
              join tables t on t.oid = i.indrelid
              join pg_class x on x.oid = i.indexrelid
            )
            select slice,
              sum(version)::text as version,
              slice in (
                select t.slice
                from pg_locks l
                join tables t on t.oid = l.relation
                where l.locktype = 'relation'
                  and l.mode = 'AccessExclusiveLock'
                  and l.database = (select oid from pg_database where datname = current_database())
              ) as locked
            from parts
            group by slice
            """;

    static CatalogueFingerprint of(Connection connection, int slices) throws SQLException {
        Map<Integer, String> bySlice = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(FINGERPRINT)) {
            statement.setInt(1, slices);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    bySlice.put(rows.getInt("slice"), rows.getBoolean("locked") ? LOCKED : rows.getString("version"));
                }
            }
        }
        return new CatalogueFingerprint(slices, Map.copyOf(bySlice));
    }

    /** Where it is not known it is not the same. */
    boolean isSame(int slice, CatalogueFingerprint before) {
        String version = bySlice.getOrDefault(slice, NO_TABLE);
        return slices == before.slices
                && !version.equals(LOCKED)
                && version.equals(before.bySlice.getOrDefault(slice, NO_TABLE));
    }
}
