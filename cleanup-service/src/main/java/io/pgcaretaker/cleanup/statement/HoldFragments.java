package io.pgcaretaker.cleanup.statement;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Pieces of statements that keep what is held. The policy's table is {@code t} in them, a hold is {@code h}. */
public final class HoldFragments {

    private HoldFragments() {}

    /** Tables whose holds keep rows of the policy: its own, and those of what would go along or be changed. */
    static List<String> tables(ArmedPolicy armed) {
        return Stream.concat(Stream.of(armed.table()), armed.keepers().stream().map(Dependent::table))
                .map(table -> table.name().quoted())
                .distinct()
                .toList();
    }

    /** What keeps held rows, where only rows of some tables, quoted, are held at all. */
    static List<Sql> notHeld(ArmedPolicy armed, Collection<String> held) {
        List<Sql> parts = new ArrayList<>();
        armed.keepers().stream()
                .filter(dependent -> held.contains(dependent.table().name().quoted()))
                .forEach(dependent -> parts.add(dependentNotHeld(dependent)));
        if (held.contains(armed.table().name().quoted())) {
            parts.add(rowNotHeld(armed));
        }
        return parts;
    }

    /**
     * Neither the row nor what would go with it; looks in no table of which no row is held, as {@link Statements#leanIfNothingIsHeld}:
     * to plan that look along very many foreign keys takes seconds.
     */
    static Sql notHeld(Session session, ArmedPolicy armed) throws SQLException {
        List<Sql> parts = notHeld(armed, Statements.held(session, armed));
        return parts.isEmpty() ? Sql.of("true") : Fragments.join(parts, "\n  and ");
    }

    /** Neither the row nor what would go with it. */
    static Sql notHeld(ArmedPolicy armed) {
        return Fragments.join(List.of(rowNotHeld(armed), dependentsNotHeld(armed)), "\n  and ");
    }

    /** Where no row of the table is held, one look is enough; otherwise each row is looked up. */
    private static Sql rowNotHeld(ArmedPolicy armed) {
        String table = armed.table().name().quoted();
        if (armed.subjectColumns().isEmpty()) {
            return nothingHeld(table);
        }
        Sql named = heldByName(armed, table);
        return armed.table().primaryKey().isEmpty()
                ? Fragments.join(
                        List.of(
                                named,
                                nothingHeldThroughOthers(table, armed.policy().name())),
                        "\n  and ")
                : named;
    }

    /** By the key of another policy, where there is no primary key: which row that is this one cannot tell. */
    private static Sql nothingHeldThroughOthers(String table, String policy) {
        return Sql.of("""
                not exists (
                    select 1
                    from caretaker.legal_hold h
                    where h.subject_table = ?
                      and h.released_at is null
                      and h.policy <> ?)""", table, policy);
    }

    private static Sql heldByName(ArmedPolicy armed, String table) {
        return Sql.format("""
                (not exists (
                    select 1
                    from caretaker.legal_hold h
                    where h.subject_table = %s
                      and h.released_at is null)
                  or not exists (
                    select 1
                    from caretaker.legal_hold h
                    where h.subject_table = %s
                      and h.released_at is null
                      and h.subject_key = %s))""", Sql.of("?", table), Sql.of("?", table), Sql.of(key(armed.subjectColumns(), "t")));
    }

    /** From the holds up to their owners, once a statement: there are few holds, and an owner may have millions of rows. */
    private static Sql dependentsNotHeld(ArmedPolicy armed) {
        List<Sql> parts =
                armed.keepers().stream().map(HoldFragments::dependentNotHeld).toList();
        return parts.isEmpty() ? Sql.of("true") : Fragments.join(parts, "\n  and ");
    }

    private static Sql dependentNotHeld(Dependent dependent) {
        Table table = dependent.table();
        String quoted = table.name().quoted();
        if (table.primaryKey().isEmpty()) {
            return nothingHeld(quoted);
        }
        List<ForeignKey> path = dependent.path();
        String last = Fragments.alias(path.size());
        StringBuilder up =
                new StringBuilder("join " + quoted + " as " + last + " on " + isHeld(table, table.primaryKey(), last));
        for (int depth = path.size() - 1; depth >= 1; depth--) {
            up.append("\n    join ").append(path.get(depth - 1).child().quoted());
            up.append(" as ").append(Fragments.alias(depth)).append(" on ").append(sameColumns(path.get(depth), depth));
        }
        ForeignKey first = path.get(0);
        // As a number, since PostgreSQL takes "not in" to keep every second row back and would estimate half of them.
        // To what
        // is null nothing refers, and "not in" does not know.
        return Sql.format(
                """
                coalesce(cast((%s) not in (
                    select %s
                    from caretaker.legal_hold h
                    %s
                    where h.subject_table = %s
                      and h.released_at is null
                      and %s) as int), 1) <> 0""",
                Sql.of(columns("t", first.parentColumns())),
                Sql.of(columns("c1", first.childColumns())),
                Sql.of(up.toString()),
                Sql.of("?", quoted),
                Sql.of(first.childColumns().stream()
                        .map(name -> Fragments.column("c1", name) + " is not null")
                        .collect(Collectors.joining(" and "))));
    }

    /** Which row it is cannot be told: while one is held, no row of this table goes. */
    private static Sql nothingHeld(String table) {
        return Sql.of("""
                not exists (
                    select 1
                    from caretaker.legal_hold h
                    where h.subject_table = ?
                      and h.released_at is null)""", table);
    }

    private static String columns(String alias, List<String> names) {
        return names.stream().map(name -> Fragments.column(alias, name)).collect(Collectors.joining(", "));
    }

    private static String sameColumns(ForeignKey key, int parentDepth) {
        return IntStream.range(0, key.childColumns().size())
                .mapToObj(i -> Fragments.column(
                                Fragments.alias(parentDepth + 1),
                                key.childColumns().get(i)) + " = "
                        + Fragments.column(
                                Fragments.alias(parentDepth),
                                key.parentColumns().get(i)))
                .collect(Collectors.joining(" and "));
    }

    /**
     * How a legal hold writes the key of a row: a JSON array of the columns' text forms, as the settings of each transaction make
     * them. The trigger refuse_held_delete writes it too, by the same ones.
     */
    public static String key(List<String> columns, String alias) {
        return columns.stream()
                .map(name -> Fragments.column(alias, name) + "::text")
                .collect(Collectors.joining(", ", "pg_catalog.jsonb_build_array(", ")::text"));
    }

    /** Whether the row is the one that the hold {@code h} names: an index over the columns serves. */
    public static String isHeld(Table table, List<String> columns, String alias) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> Fragments.column(alias, columns.get(i)) + " = cast(h.subject_key::jsonb ->> " + i
                        + " as " + table.type(columns.get(i)) + ")")
                .collect(Collectors.joining(" and "));
    }
}
