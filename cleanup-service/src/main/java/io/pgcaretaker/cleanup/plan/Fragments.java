package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.AgeColumn;
import io.pgcaretaker.cleanup.policy.Condition;
import io.pgcaretaker.cleanup.policy.Retention;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Pieces that the statements about a policy's table share. The policy's table is {@code t} in all of them. Identifiers
 * come from the catalogue and are quoted, values are bound.
 */
public final class Fragments {

    private Fragments() {}

    public static String column(String alias, String name) {
        return alias + "." + TableName.quote(name);
    }

    /** The cutoff in the age column's own type, so that its index serves. */
    public static Sql cutoff(Table table, AgeColumn age, Instant cutoff) {
        ZoneId zone = age.zone();
        String type = table.type(age.column());
        String text;
        if (type.endsWith("with time zone")) {
            text = cutoff.toString();
        } else {
            var local = Retention.local(cutoff.atZone(ZoneOffset.UTC), zone);
            text = type.equals("date") ? local.toLocalDate().toString() : local.toString();
        }
        return Sql.of("cast(? as " + type + ")", text);
    }

    /** An age as an instant, whatever the column's type. */
    static String instant(ArmedPolicy armed, String expression) {
        return instant(armed.ageType(), armed.policy().age().zone(), expression);
    }

    static String instant(String type, ZoneId zone, String expression) {
        if (type.endsWith("with time zone")) {
            return expression;
        }
        // In a text PostgreSQL takes +02:00 to lie west of Greenwich, as POSIX has it.
        String there = zone.getRules().isFixedOffset()
                ? "interval '" + zone.getRules().getOffset(Instant.EPOCH).getTotalSeconds() + " seconds'"
                : "'" + zone.getId().replace("'", "''") + "'";
        return expression + "::timestamp at time zone " + there;
    }

    /** To go, and neither held nor taking along, or changing, what is. */
    static Sql predicate(ArmedPolicy armed, Instant cutoff) {
        return predicate(armed, cutoff, heldTables(armed));
    }

    /** The same where only rows of some tables, quoted, are held at all. */
    static Sql predicate(ArmedPolicy armed, Instant cutoff, Collection<String> held) {
        List<Sql> parts = new ArrayList<>(List.of(expired(armed, cutoff)));
        if (armed.policy().givesNotice()) {
            parts.add(NoticeStatements.over(armed, cutoff));
        }
        armed.keepers().stream()
                .filter(dependent -> held.contains(dependent.table().name().quoted()))
                .forEach(dependent -> parts.add(dependentNotHeld(dependent)));
        if (held.contains(armed.table().name().quoted())) {
            parts.add(rowNotHeld(armed));
        }
        return join(parts, "\n  and ");
    }

    /** Tables whose holds keep rows of the policy: its own, and those of what would go along or be changed. */
    static List<String> heldTables(ArmedPolicy armed) {
        return Stream.concat(Stream.of(armed.table()), armed.keepers().stream().map(Dependent::table))
                .map(table -> table.name().quoted())
                .distinct()
                .toList();
    }

    /** Old enough and meets the filter. */
    static Sql expired(ArmedPolicy armed, Instant cutoff) {
        List<Sql> parts = new ArrayList<>();
        parts.add(aged(armed, cutoff));
        for (Condition condition : armed.policy().filter()) {
            parts.add(condition(armed.table(), condition));
        }
        if (armed.policy().action().is(Action.Kind.ANONYMISE)) {
            parts.add(Masks.open(armed.table(), armed.policy().action().masks()));
        }
        return join(parts, "\n  and ");
    }

    /** Old enough, and with an end: whatever the filter says. */
    static Sql aged(ArmedPolicy armed, Instant cutoff) {
        // Without an age a row has no end: null is excluded by the comparison, -infinity here. Not by >: to estimate
        // that,
        // the planner looks for the index's first live entry, past all that have just gone.
        return Sql.format(
                "%s\n  and %s <> '-infinity'",
                old(armed, cutoff), Sql.of(column("t", armed.policy().age().column())));
    }

    /** Old enough. */
    static Sql old(ArmedPolicy armed, Instant cutoff) {
        return Sql.format(
                "%s < %s",
                Sql.of(column("t", armed.policy().age().column())),
                cutoff(armed.table(), armed.policy().age(), cutoff));
    }

    /** Neither the row nor what would go with it. */
    static Sql notHeld(ArmedPolicy armed) {
        return join(List.of(rowNotHeld(armed), dependentsNotHeld(armed)), "\n  and ");
    }

    /** Where no row of the table is held, one look is enough; otherwise each row is looked up. */
    private static Sql rowNotHeld(ArmedPolicy armed) {
        String table = armed.table().name().quoted();
        if (armed.subjectColumns().isEmpty()) {
            return nothingHeld(table);
        }
        Sql named = heldByName(armed, table);
        return armed.table().primaryKey().isEmpty()
                ? join(
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
        return Sql.format(
                """
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
                      and h.subject_key = %s))""",
                Sql.of("?", table), Sql.of("?", table), Sql.of(heldKey(armed.table(), armed.subjectColumns(), "t")));
    }

    /** From the holds up to their owners, once a statement: there are few holds, and an owner may have millions of rows. */
    private static Sql dependentsNotHeld(ArmedPolicy armed) {
        List<Sql> parts =
                armed.keepers().stream().map(Fragments::dependentNotHeld).toList();
        return parts.isEmpty() ? Sql.of("true") : join(parts, "\n  and ");
    }

    private static Sql dependentNotHeld(Dependent dependent) {
        Table table = dependent.table();
        String quoted = table.name().quoted();
        if (table.primaryKey().isEmpty()) {
            return nothingHeld(quoted);
        }
        List<ForeignKey> path = dependent.path();
        String last = alias(path.size());
        StringBuilder up =
                new StringBuilder("join " + quoted + " as " + last + " on " + isHeld(table, table.primaryKey(), last));
        for (int depth = path.size() - 1; depth >= 1; depth--) {
            up.append("\n    join ").append(path.get(depth - 1).child().quoted());
            up.append(" as ").append(alias(depth)).append(" on ").append(sameColumns(path.get(depth), depth));
        }
        ForeignKey first = path.get(0);
        // As a number, since PostgreSQL takes "not in" to keep every second row back and would estimate half of them.
        return Sql.format(
                """
                cast((%s) not in (
                    select %s
                    from caretaker.legal_hold h
                    %s
                    where h.subject_table = %s
                      and h.released_at is null
                      and %s) as int) <> 0""",
                Sql.of(columns("t", first.parentColumns())),
                Sql.of(columns("c1", first.childColumns())),
                Sql.of(up.toString()),
                Sql.of("?", quoted),
                Sql.of(first.childColumns().stream()
                        .map(name -> column("c1", name) + " is not null")
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
        return names.stream().map(name -> column(alias, name)).collect(Collectors.joining(", "));
    }

    private static String sameColumns(ForeignKey key, int parentDepth) {
        return IntStream.range(0, key.childColumns().size())
                .mapToObj(i -> column(alias(parentDepth + 1), key.childColumns().get(i)) + " = "
                        + column(alias(parentDepth), key.parentColumns().get(i)))
                .collect(Collectors.joining(" and "));
    }

    /**
     * How a legal hold writes the key of a row: a JSON array of the columns' text forms, the same whatever the session's
     * zone. The trigger refuse_held_delete writes it too.
     */
    public static String heldKey(Table table, List<String> columns, String alias) {
        return columns.stream()
                .map(name -> table.type(name).endsWith("with time zone")
                        ? "(" + column(alias, name) + " at time zone 'UTC')::text || '+00'"
                        : column(alias, name) + "::text")
                .collect(Collectors.joining(", ", "jsonb_build_array(", ")::text"));
    }

    /** Whether the row is the one that the hold {@code h} names: an index over the columns serves. */
    static String isHeld(Table table, List<String> columns, String alias) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> column(alias, columns.get(i)) + " = cast(h.subject_key::jsonb ->> " + i + " as "
                        + table.type(columns.get(i)) + ")")
                .collect(Collectors.joining(" and "));
    }

    /** How a notice writes a key: a JSON array of the columns' text forms. */
    public static String subjectKey(List<String> columns) {
        return columns.stream()
                .map(column -> column + "::text")
                .collect(Collectors.joining(", ", "jsonb_build_array(", ")::text"));
    }

    public static Sql condition(Table table, Condition condition) {
        String column = column("t", condition.column());
        return condition.is() != null
                ? Sql.of(column + " " + condition.is().sql())
                : Sql.of(column + " = any(" + array(table.typeWithoutLength(condition.column())) + ")", condition.in());
    }

    public static Sql join(List<Sql> parts, String separator) {
        List<Object> values = new ArrayList<>();
        parts.forEach(part -> values.addAll(part.values()));
        return new Sql(parts.stream().map(Sql::text).collect(Collectors.joining(separator)), values);
    }

    private static String array(String type) {
        return "cast(? as " + type + "[])";
    }

    /** Rows of keys as {@code k (k0, k1 …)}. */
    static Sql unnest(ArmedPolicy armed, List<List<String>> keys) {
        List<Object> columns = new ArrayList<>();
        for (int i = 0; i < armed.key().size(); i++) {
            int column = i;
            columns.add(keys.stream().map(key -> key.get(column)).toList());
        }
        String arrays = armed.key().stream()
                .map(name -> array(armed.table().type(name)))
                .collect(Collectors.joining(", "));
        String names =
                IntStream.range(0, armed.key().size()).mapToObj(i -> "k" + i).collect(Collectors.joining(", "));
        return new Sql("unnest(" + arrays + ") as k (" + names + ")", columns);
    }

    /** The row of {@code t} is the one that {@code k} names. */
    static Sql sameKey(ArmedPolicy armed) {
        return Sql.of(IntStream.range(0, armed.key().size())
                .mapToObj(i -> column("t", armed.key().get(i)) + " = k.k" + i)
                .collect(Collectors.joining(" and ")));
    }

    /** Joins from {@code t} down a path: c1, c2 … */
    static Sql joins(List<ForeignKey> path) {
        StringBuilder joins = new StringBuilder();
        for (int depth = 1; depth <= path.size(); depth++) {
            ForeignKey key = path.get(depth - 1);
            String parent = alias(depth - 1);
            String child = alias(depth);
            joins.append("join ").append(key.child().quoted()).append(" as ").append(child);
            for (int i = 0; i < key.childColumns().size(); i++) {
                joins.append(i == 0 ? " on " : " and ")
                        .append(column(child, key.childColumns().get(i)))
                        .append(" = ")
                        .append(column(parent, key.parentColumns().get(i)));
            }
            if (key.toPartition()) {
                // Another partition may have a row with the same values, to which nothing refers.
                joins.append(" and ")
                        .append(parent)
                        .append(".tableoid in (select relid from pg_partition_tree(cast(")
                        .append(key.parentOid())
                        .append(" as oid)))");
            }
            joins.append('\n');
        }
        return Sql.of(joins.toString().strip());
    }

    static String alias(int depth) {
        return depth == 0 ? "t" : "c" + depth;
    }
}
