package io.pgcaretaker.cleanup.hold;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;

/** Which tables holds are on, by more than the name that they had. */
public final class HeldTables {

    private HeldTables() {}

    /**
     * In a database that was restored from a dump tables have other oids than when their rows were held: nobody would see that such
     * a table is called otherwise later. A hold whose table is there under its oid, by whatever name, is left.
     */
    public static int find(Session session) throws SQLException {
        return session.update(Sql.of("""
                /* caretaker.cleanup.hold-tables */
                update caretaker.legal_hold h
                set subject_oid = c.oid
                from pg_class c
                join pg_namespace n on n.oid = c.relnamespace
                where h.released_at is null
                  and h.subject_table = concat(
                    '"', replace(n.nspname::text, '"', '""'), '"."', replace(c.relname::text, '"', '""'), '"')
                  and c.relkind in ('r', 'p')
                  and not exists (
                    select 1
                    from pg_class o
                    where o.oid = h.subject_oid
                      and o.relkind in ('r', 'p'))
                """));
    }
}
