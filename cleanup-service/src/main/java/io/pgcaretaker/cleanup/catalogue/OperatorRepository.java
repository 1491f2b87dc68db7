package io.pgcaretaker.cleanup.catalogue;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.util.List;

/** Reads from PostgreSQL's catalogue by which operators columns are compared. */
public final class OperatorRepository {

    /** A column of a table. */
    public record Column(Table table, String name) {}

    /**
     * How values of a column are compared by an index or a foreign key, where that is no operator of PostgreSQL's own schema.
     *
     * @param operator its oid
     * @param what the column and its type
     * @param schema the operator's, quoted
     * @param found a statement of this session that compares two of these values takes that operator
     */
    public record Comparison(long operator, String what, String schema, boolean found) {}

    /**
     * Operators of the same name as those for values of a column's type, by which PostgreSQL would compare them instead: it
     * has none of its own for exactly that type, as for {@code varchar} or an enum, and somebody has made one.
     */
    public List<String> intruders(Session session, List<Column> columns) throws SQLException {
        return session.query(
                Sql.format("""
                        /* caretaker.cleanup.catalogue-operator-intruders */
                        %s
                        order by 1
                        """, intruding(columns, "would compare")).plannedOnce(), row -> row.getString(1));
    }

    /** The same as a part of another statement. */
    public static Sql intruding(List<Column> columns, String verb) {
        return Sql.of(
                """
                select distinct 'column ''' || a.attname || ''' of ' || k.name || ' is a ' || format_type(a.atttypid, null)
                  || ', and ' || cast(o.oid as regoperator) || ' VERB its values instead of PostgreSQL''s own'
                from unnest(cast(? as oid[]), cast(? as text[]), cast(? as text[])) as k (oid, name, column_name)
                join pg_attribute a on a.attrelid = k.oid and a.attname = k.column_name
                join pg_operator o on o.oprname in ('=', '<>', '<', '<=', '>', '>=')
                  and o.oprleft = a.atttypid and o.oprright = a.atttypid
                join pg_namespace n on n.oid = o.oprnamespace
                where n.nspname <> 'pg_catalog'
                  and pg_operator_is_visible(o.oid)
                  -- A type with operators of its own has them either from PostgreSQL or from where it came from.
                  and not exists (
                    select 1
                    from pg_opclass c
                    where c.opcintype = a.atttypid
                      and c.opcdefault)""".replace("VERB", verb),
                oids(columns),
                names(columns),
                columns.stream().map(Column::name).toList());
    }

    private static List<String> oids(List<Column> columns) {
        return columns.stream()
                .map(column -> String.valueOf(column.table().oid()))
                .toList();
    }

    private static List<String> names(List<Column> columns) {
        return columns.stream().map(column -> column.table().name().toString()).toList();
    }

    /** Of those that are of types which an extension or somebody else has made. */
    public List<Comparison> foreign(Session session, List<Column> columns) throws SQLException {
        return session.query(
                Sql.of(
                                """
                        /* caretaker.cleanup.catalogue-operators */
                        select distinct
                          o.oid,
                          'column ''' || a.attname || ''' of ' || k.name || ' is a ' || format_type(a.atttypid, null) as what,
                          quote_ident(n.nspname) as schema,
                          pg_operator_is_visible(o.oid) as found
                        from unnest(cast(? as oid[]), cast(? as text[]), cast(? as text[])) as k (oid, name, column_name)
                        join pg_attribute a on a.attrelid = k.oid and a.attname = k.column_name
                        cross join lateral (
                          with recursive type as (
                            select t.oid, t.typtype, t.typbasetype
                            from pg_type t
                            where t.oid = a.atttypid
                            union all
                            select t.oid, t.typtype, t.typbasetype
                            from type d
                            join pg_type t on t.oid = d.typbasetype
                            where d.typtype = 'd'
                          )
                          select oid
                          from type
                          where typtype <> 'd'
                        ) as b
                        join pg_opclass c on c.opcintype = b.oid and c.opcdefault
                        join pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
                        -- Equal, to a btree.
                        join pg_amop w on w.amopfamily = c.opcfamily and w.amoplefttype = b.oid
                          and w.amoprighttype = b.oid and w.amopstrategy = 3
                        join pg_operator o on o.oid = w.amopopr
                        join pg_namespace n on n.oid = o.oprnamespace
                        where n.nspname <> 'pg_catalog'
                        order by what
                        """,
                                oids(columns),
                                names(columns),
                                columns.stream().map(Column::name).toList())
                        .plannedOnce(),
                row -> new Comparison(
                        row.getLong("oid"), row.getString("what"), row.getString("schema"), row.getBoolean("found")));
    }
}
