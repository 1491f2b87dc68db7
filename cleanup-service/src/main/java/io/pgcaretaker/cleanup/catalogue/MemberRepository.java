package io.pgcaretaker.cleanup.catalogue;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads which tables lie beneath a partitioned one, at any depth. */
public final class MemberRepository {

    /** A table that holds rows. */
    public record Leaf(long oid, TableName name, long blocks) {}

    /** All of them; none where the table is not partitioned. */
    public List<Member> members(Session session, long table) throws SQLException {
        return session.query(Sql.of("""
                        /* caretaker.cleanup.catalogue-members */
                        select
                          n.nspname,
                          c.relname,
                          c.relkind::text as kind,
                          not row_security_active(c.oid)
                            and not exists (select 1 from pg_rewrite r where r.ev_class = c.oid)
                            and has_table_privilege(c.oid, 'select')
                            and has_table_privilege(c.oid, 'update')
                            and has_table_privilege(c.oid, 'delete') as direct,
                          array(
                            select g.tgname::text
                            from pg_trigger g
                            where g.tgrelid = c.oid
                              and not g.tgisinternal
                              and g.tgparentid = 0
                              and g.tgenabled <> 'D'
                              and (g.tgtype & 8) <> 0
                              and g.tgfoid is distinct from to_regprocedure('caretaker.refuse_held_delete()')
                            order by g.tgname) as delete_triggers,
                          array(
                            select g.tgname::text
                            from pg_trigger g
                            where g.tgrelid = c.oid
                              and not g.tgisinternal
                              and g.tgparentid = 0
                              and g.tgenabled <> 'D'
                              and (g.tgtype & 16) <> 0
                              and g.tgfoid is distinct from to_regprocedure('caretaker.refuse_held_delete()')
                            order by g.tgname) as update_triggers
                        from pg_partition_tree(cast(? as oid)) p
                        join pg_class c on c.oid = p.relid
                        join pg_namespace n on n.oid = c.relnamespace
                        where p.level > 0
                        order by n.nspname, c.relname
                        """, Long.toString(table)).plannedOnce(), MemberRepository::member);
    }

    private static Member member(ResultSet row) throws SQLException {
        return new Member(
                new TableName(row.getString("nspname"), row.getString("relname")),
                row.getString("kind"),
                row.getBoolean("direct"),
                Arrays.asList((String[]) row.getArray("delete_triggers").getArray()),
                Arrays.asList((String[]) row.getArray("update_triggers").getArray()));
    }

    /** The first leaf after one, in the order of oids. */
    public Optional<Leaf> after(Session session, long table, long oid) throws SQLException {
        return session.first(
                Sql.of("""
                        /* caretaker.cleanup.catalogue-leaf-after */
                        select
                          c.oid,
                          n.nspname,
                          c.relname,
                          pg_relation_size(c.oid) / current_setting('block_size')::bigint as blocks
                        from pg_partition_tree(cast(? as oid)) p
                        join pg_class c on c.oid = p.relid
                        join pg_namespace n on n.oid = c.relnamespace
                        where p.isleaf
                          and c.relkind = 'r'
                          and c.oid::bigint > ?
                        order by c.oid
                        limit 1
                        """, Long.toString(table), oid).plannedOnce(),
                row -> new Leaf(
                        row.getLong("oid"),
                        new TableName(row.getString("nspname"), row.getString("relname")),
                        row.getLong("blocks")));
    }

    /**
     * The leaf's name, and it stays beneath the table until this transaction ends: who wants to detach or drop it waits.
     * Empty when that has happened already.
     */
    public Optional<TableName> keep(Session session, long table, long leaf) throws SQLException {
        Optional<TableName> name = session.first(
                Sql.of("""
                        /* caretaker.cleanup.catalogue-leaf-name */
                        select n.nspname, c.relname
                        from pg_class c
                        join pg_namespace n on n.oid = c.relnamespace
                        where c.oid = cast(? as oid)
                        """, Long.toString(leaf)).plannedOnce(),
                row -> new TableName(row.getString(1), row.getString(2)));
        if (name.isEmpty()) {
            return name;
        }
        session.update(Sql.of("/* caretaker.cleanup.leaf-keep */ lock table only "
                + name.get().quoted() + " in row exclusive mode"));
        return session.first(
                Sql.of(
                                """
                        /* caretaker.cleanup.catalogue-leaf-of */
                        select n.nspname, c.relname
                        from pg_partition_tree(cast(? as oid)) p
                        join pg_class c on c.oid = p.relid
                        join pg_namespace n on n.oid = c.relnamespace
                        where p.relid = cast(? as oid)
                          and n.nspname = ?
                          and c.relname = ?
                        """,
                                Long.toString(table),
                                Long.toString(leaf),
                                name.get().schema(),
                                name.get().table())
                        .plannedOnce(),
                row -> new TableName(row.getString(1), row.getString(2)));
    }
}
