package io.pgcaretaker.cleanup.preflight;

import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.HoldFragments;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Whether the holds still name the rows that they were placed on. */
final class HoldChecks {

    private static final String BAD_VALUE = "22";

    /** A view may have the name that a table had, for those who know it by that, and keeps no row. */
    private static final String NO_TABLE =
            "not exists (select 1 from pg_class n where n.oid = to_regclass(%s) and n.relkind in ('r', 'p'))";

    private HoldChecks() {}

    /** The key of a hold cannot be one of its table any more. */
    static final class ChangedKeyException extends RuntimeException {
        ChangedKeyException(TableName table) {
            super(HoldChecks.sentence(table), null, false, false);
        }

        String sentence() {
            return String.valueOf(getMessage());
        }
    }

    /** A hold names its table: where that was renamed, nothing would keep its row any more. */
    static List<String> lost(Session session, RetentionPolicy policy) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.lost-holds */
                        select distinct subject_table
                        from caretaker.legal_hold
                        where policy = ?
                          and released_at is null
                          -- Not asked of other policies' holds: their schemas may be shut to this role, and the question an
                          -- error.
                          and case when policy = ? then %s else false end
                        order by subject_table
                        """.formatted(NO_TABLE.formatted("subject_table")), policy.name(), policy.name())
                        .plannedOnce(),
                row -> "rows of " + row.getString(1)
                        + " are held through this policy, and there is no such table any more: what"
                        + " they are called now would go; place the holds anew where the rows are, and release those");
    }

    /** The same, whichever policy would take them: a table that has held rows by the name that it had then. */
    static List<String> moved(Session session, ArmedPolicy armed) throws SQLException {
        Map<Long, Table> tables = new LinkedHashMap<>();
        tables.put(armed.table().oid(), armed.table());
        armed.keepers().forEach(dependent -> tables.put(dependent.table().oid(), dependent.table()));
        return session.query(
                Sql.of(
                                """
                        /* caretaker.cleanup.moved-holds */
                        with t as (
                          select oid, name
                          from unnest(cast(? as oid[]), cast(? as text[])) as t (oid, name)
                        )
                        select t.oid, h.subject_table
                        from caretaker.legal_hold h
                        join t on t.oid = h.subject_oid
                        where h.released_at is null
                          -- Another table of that name is the one that is held now, as after a backup was restored. Not asked
                          -- of other holds: their tables' schemas may be shut to this role, and the question an error.
                          and case
                            when t.oid = h.subject_oid and h.subject_table <> t.name
                              then %s
                            else false
                          end
                        union
                        -- Unless this one has the guard that was put on it by that name; partitions have their table's.
                        select t.oid, h.subject_table
                        from t
                        join pg_trigger g on g.tgrelid = t.oid
                        join caretaker.legal_hold h on h.subject_table = convert_from(
                          substring(g.tgargs from 1 for greatest(position(decode('00', 'hex') in g.tgargs) - 1, 0)),
                          getdatabaseencoding())
                        where g.tgfoid = to_regprocedure('caretaker.refuse_held_delete()')
                          and g.tgparentid = 0
                          and h.released_at is null
                          and h.subject_table <> t.name
                        order by subject_table
                        """.formatted(NO_TABLE.formatted("h.subject_table")),
                                tables.keySet().stream().map(String::valueOf).toList(),
                                tables.values().stream()
                                        .map(table -> table.name().quoted())
                                        .toList())
                        .plannedOnce(),
                row -> "rows of "
                        + Objects.requireNonNull(tables.get(row.getLong(1))).name()
                        + " are held by the name that it had then, " + row.getString(2)
                        + ", and would go; place the holds anew, and release those");
    }

    /** Without a primary key a hold names its row by the key of the policy that it was placed through. */
    static List<String> foreign(Session session, RetentionPolicy policy, Table table) throws SQLException {
        if (!table.primaryKey().isEmpty() || policy.key().isEmpty()) {
            return List.of();
        }
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.foreign-holds */
                        select distinct policy
                        from caretaker.legal_hold
                        where subject_table = ?
                          and policy <> ?
                          and released_at is null
                        order by policy
                        """, table.name().quoted(), policy.name()).plannedOnce(),
                row -> "rows of " + table.name() + " are held through the policy " + row.getString(1)
                        + ", and without a primary key they cannot be told by the key of this one; give the table a primary"
                        + " key and place the holds anew, or release them");
    }

    /** A hold names its row by the text of the key: where that is another one now, nothing would keep the row any more. */
    static List<String> changed(Session session, ArmedPolicy armed) throws SQLException {
        List<String> problems = new ArrayList<>(changed(session, armed.table(), armed.subjectColumns()));
        Map<Long, Table> tables = new LinkedHashMap<>();
        armed.keepers().forEach(dependent -> tables.put(dependent.table().oid(), dependent.table()));
        for (Table table : tables.values()) {
            problems.addAll(changed(session, table, table.primaryKey()));
        }
        return problems.stream().distinct().toList();
    }

    private static List<String> changed(Session session, Table table, List<String> columns) throws SQLException {
        // Without a key no row is told from another, and while one is held none goes.
        if (columns.isEmpty()) {
            return List.of();
        }
        try {
            return session.query(
                    Sql.of(
                                    """
                            /* caretaker.cleanup.changed-holds */
                            select 1
                            from caretaker.legal_hold h
                            where h.subject_table = ?
                              and h.released_at is null
                              and (
                                jsonb_array_length(h.subject_key::jsonb) <> ?
                                or exists (
                                  select 1
                                  from %s as t
                                  where %s
                                    and %s <> h.subject_key))
                            limit 1
                            """.formatted(
                                                    table.name().quoted(),
                                                    HoldFragments.isHeld(table, columns, "t"),
                                                    HoldFragments.key(columns, "t")),
                                    table.name().quoted(),
                                    columns.size())
                            .plannedOnce(),
                    row -> sentence(table.name()));
        } catch (SQLException e) {
            if (String.valueOf(e.getSQLState()).startsWith(BAD_VALUE)) {
                throw new ChangedKeyException(table.name());
            }
            throw e;
        }
    }

    private static String sentence(TableName table) {
        return "rows of " + table + " are held, and a key of theirs is not what it was then: the key is made of other"
                + " columns, its type has changed, or how its value is written; they would go; place the holds anew, and"
                + " release those";
    }
}
