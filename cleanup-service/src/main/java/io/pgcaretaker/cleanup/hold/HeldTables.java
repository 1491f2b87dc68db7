package io.pgcaretaker.cleanup.hold;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.util.List;

/** Which tables holds are on, by more than the name that they had. */
final class HeldTables {

    private static final int MOST = 5_000;

    private HeldTables() {}

    /**
     * In a database that was restored from a dump tables have other oids than when their rows were held, and so has one that a
     * migration has built anew: nobody would see that such a table is called otherwise later. A hold whose table is there
     * under its oid, by whatever name, is left. Some at a time: the holds may be very many.
     */
    static int find(Session session) throws SQLException {
        return session.update(Sql.of("""
                /* caretaker.cleanup.hold-tables */
                update caretaker.legal_hold h
                set subject_oid = moved.oid
                from (
                  select m.id, c.oid
                  from caretaker.legal_hold m
                  join (pg_class c
                    join pg_namespace n on n.oid = c.relnamespace)
                    on c.relkind in ('r', 'p')
                    and m.subject_table = concat(
                      '"', replace(n.nspname::text, '"', '""'), '"."', replace(c.relname::text, '"', '""'), '"')
                  where m.released_at is null
                    and not exists (
                      select 1
                      from pg_class o
                      where o.oid = m.subject_oid
                        and o.relkind in ('r', 'p'))
                  order by m.id
                  limit ?) as moved
                where h.id = moved.id
                  and h.released_at is null
                """, MOST));
    }

    /**
     * A table by whose name rows are held.
     *
     * @param oid 0: there is no table of that name
     * @param mayGuard this role may put triggers on it
     */
    record Held(String name, long oid, String policy, boolean mayGuard) {}

    /** One for each policy through which rows of a table are held, in the order of the tables' names. */
    static List<Held> open(Session session) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.held-tables */
                        select
                          h.subject_table,
                          coalesce(c.oid, 0) as oid,
                          h.policy,
                          coalesce(has_table_privilege(c.oid, 'TRIGGER'), false) as may_guard
                        from (
                          select distinct subject_table, policy
                          from caretaker.legal_hold
                          where released_at is null) as h
                        left join (pg_class c
                          join pg_namespace n on n.oid = c.relnamespace)
                          on c.relkind in ('r', 'p')
                          and h.subject_table = concat(
                            '"', replace(n.nspname::text, '"', '""'), '"."', replace(c.relname::text, '"', '""'), '"')
                        order by h.subject_table, h.policy
                        """),
                row -> new Held(
                        row.getString("subject_table"),
                        row.getLong("oid"),
                        row.getString("policy"),
                        row.getBoolean("may_guard")));
    }
}
