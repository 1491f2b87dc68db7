package io.pgcaretaker.monitoring.collect;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** Counts the application's password reset tokens, in whatever schema it keeps them. */
record TokenCollector(String table) implements Collector {

    @Override
    public String name() {
        return "tokens";
    }

    /** It reads the whole table. */
    @Override
    public Pace pace() {
        return Pace.SLOW;
    }

    @Override
    public VersionRange versions() {
        return VersionRange.ALL;
    }

    @Override
    public String needs() {
        return "grant select on " + table;
    }

    @Override
    public List<Family> families() {
        return List.of();
    }

    /** No row when there is no such table. */
    @Override
    public Rows collect(Connection connection, Deadline deadline) throws SQLException {
        Row found = find(connection).single();
        if (!found.has("relation")) {
            return Rows.NONE;
        }
        // The name comes from the catalogue, quoted by the server.
        String sql = """
                /* caretaker.collect.tokens */
                select
                  count(*) as total,
                  count(*) filter (where expires_at < %s) as expired,
                  count(*) filter (where used) as used
                from %s
                """.formatted(found.flag("zoned") ? "now()" : "now() at time zone 'UTC'", found.text("relation"));
        deadline.renew(connection);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return Rows.read(statement);
        }
    }

    private Rows find(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.collect.tokens-find */
                select
                  format('%I.%I', n.nspname, c.relname) as relation,
                  expires.atttypid = 'timestamptz'::regtype as zoned
                from pg_class c
                join pg_namespace n on n.oid = c.relnamespace
                join pg_attribute expires on expires.attrelid = c.oid
                  and expires.attname = 'expires_at'
                  and expires.atttypid in ('timestamptz'::regtype, 'timestamp'::regtype)
                  and not expires.attisdropped
                join pg_attribute used on used.attrelid = c.oid
                  and used.attname = 'used'
                  and used.atttypid = 'boolean'::regtype
                  and not used.attisdropped
                where c.relname = ?
                  and c.relkind in ('r', 'p')
                  and n.nspname !~ '^pg_'
                order by n.nspname = 'public' desc, n.nspname
                limit 1
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table);
            return Rows.read(statement);
        }
    }
}
