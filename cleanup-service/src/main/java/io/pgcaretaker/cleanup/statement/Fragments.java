package io.pgcaretaker.cleanup.statement;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Pieces that the statements about a policy's table share. The policy's table is {@code t} in all of them. Identifiers
 * come from the catalogue and are quoted, values are bound.
 */
public final class Fragments {

    private Fragments() {}

    public static String column(String alias, String name) {
        return alias + "." + TableName.quote(name);
    }

    /** To go, and neither held nor taking along, or changing, what is. */
    static Sql predicate(ArmedPolicy armed, Instant cutoff) {
        return predicate(armed, cutoff, HoldFragments.tables(armed));
    }

    /** The same where only rows of some tables, quoted, are held at all. */
    static Sql predicate(ArmedPolicy armed, Instant cutoff, Collection<String> held) {
        return predicate(
                armed, armed.policy().givesNotice() ? NoticeStatements.over(armed, cutoff) : null, cutoff, held);
    }

    /** Old enough, and not held, whether or not it may go: its notice could not be given, and nobody works on that. */
    static Sql overdue(ArmedPolicy armed, Instant cutoff, Collection<String> held) {
        return predicate(
                armed, armed.policy().givesNotice() ? NoticeStatements.notUnderWay(armed, cutoff) : null, cutoff, held);
    }

    private static Sql predicate(ArmedPolicy armed, @Nullable Sql told, Instant cutoff, Collection<String> held) {
        List<Sql> parts = new ArrayList<>(List.of(expired(armed, cutoff)));
        if (told != null) {
            parts.add(told);
        }
        parts.addAll(HoldFragments.notHeld(armed, held));
        return join(parts, "\n  and ");
    }

    /** Old enough and meets the filter. */
    static Sql expired(ArmedPolicy armed, Instant cutoff) {
        List<Sql> parts = new ArrayList<>();
        parts.add(aged(armed, cutoff));
        for (Condition condition : armed.policy().filter()) {
            parts.add(condition(armed.table(), condition));
        }
        armed.unset().stream().filter(key -> isToDefault(armed, key)).forEach(key -> parts.add(notTheDefault(key)));
        if (armed.policy().action().is(Action.Kind.ANONYMISE)) {
            parts.add(Masks.open(armed.table(), armed.policy().action().masks()));
        }
        return join(parts, "\n  and ");
    }

    private static boolean isToDefault(ArmedPolicy armed, ForeignKey key) {
        return key.onDelete() == ForeignKey.OnDelete.SET_DEFAULT
                && key.parentOid() == armed.table().oid()
                && key.defaults().size() == key.parentColumns().size();
    }

    /** Without the row that those which lose theirs refer to by default, none of them could go. */
    private static Sql notTheDefault(ForeignKey key) {
        return Sql.of(key.defaults().entrySet().stream()
                .map(fixed -> column("t", fixed.getKey()) + " = " + fixed.getValue())
                .collect(Collectors.joining(" and ", "(", ") is not true")));
    }

    /** Old enough, and with an end: whatever the filter says. */
    static Sql aged(ArmedPolicy armed, Instant cutoff) {
        // Without an age a row has no end.
        return Sql.format(
                "%s\n  and %s",
                old(armed, cutoff),
                Ages.present(
                        armed.policy().age(), column("t", armed.policy().age().column())));
    }

    /** Old enough. */
    static Sql old(ArmedPolicy armed, Instant cutoff) {
        return Sql.format(
                "%s < %s",
                Sql.of(column("t", armed.policy().age().column())),
                Ages.cutoff(armed.table(), armed.policy().age(), cutoff));
    }

    /** How a notice writes a key: a JSON array of the columns' text forms. */
    public static String subjectKey(List<String> columns) {
        return columns.stream()
                .map(column -> column + "::text")
                .collect(Collectors.joining(", ", "pg_catalog.jsonb_build_array(", ")::text"));
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
        // Of several arrays it can only be PostgreSQL's own.
        String unnest = armed.key().size() == 1 ? "pg_catalog.unnest(" : "unnest(";
        return new Sql(unnest + arrays + ") as k (" + names + ")", columns);
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
            joins.append("join ").append(key.childRows()).append(" as ").append(child);
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
