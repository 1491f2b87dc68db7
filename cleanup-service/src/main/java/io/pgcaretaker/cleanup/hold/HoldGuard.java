package io.pgcaretaker.cleanup.hold;

import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Triggers by which a table that has held rows refuses to lose them, whoever deletes, truncates, or gives one another key. Put on it with its first
 * hold, since they cost each delete a little; the hold itself does not depend on them.
 */
final class HoldGuard {

    private static final Logger LOG = Logger.getLogger(HoldGuard.class);

    private static final Duration STATEMENT = Duration.ofSeconds(5);

    /** Putting a trigger on shuts writers out while it waits for those that write: not for long. */
    private static final Duration LOCK = Duration.ofMillis(500);

    private static final String ROWS = "caretaker_legal_hold";
    private static final String KEYS = "caretaker_legal_hold_key_text";

    /** Of an earlier version, which did not see a key that is equal and written otherwise. */
    private static final String EQUAL_KEYS = "caretaker_legal_hold_key";

    private static final String TRUNCATE = "caretaker_legal_hold_truncate";

    /** Kinds of them: before a delete, after another key, before a truncate. */
    private static final int TRIGGERS = 3;

    private final Transactions transactions;

    HoldGuard(Transactions transactions) {
        this.transactions = transactions;
    }

    /** Puts them on, unless they are. Empty: the table is guarded; else what its owner has to run. */
    Optional<String> ensure(Table table, List<String> subject) {
        String suffix = suffix(table, subject);
        List<String> statements = missing(table, subject);
        if (statements.isEmpty()) {
            return passed(table, suffix);
        }
        try {
            transactions.run("cleanup.hold-guard", STATEMENT, LOCK, session -> {
                for (String statement : statements) {
                    session.update(Sql.of("/* caretaker.cleanup.hold-guard */ " + statement));
                }
                return true;
            });
            LOG.infof("held rows of a table are guarded table=%s", table.name());
            return passed(table, suffix);
        } catch (DatabaseFailure e) {
            if (missing(table, subject).isEmpty()) {
                // Another hold was placed at the same moment.
                return passed(table, suffix);
            }
            LOG.warnf(
                    "held rows of a table are not guarded against other clients table=%s cause=%s",
                    table.name(), e.getMessage());
            return Optional.of(String.join("; ", statements));
        }
    }

    /** What puts on those that are not there, or not as they should be. */
    List<String> missing(Table table, List<String> subject) {
        String suffix = suffix(table, subject);
        List<String> statements = new ArrayList<>();
        if (!isOn(table, subject)) {
            // Of another name that the table had, of another key, switched off, or fewer than there are now.
            inTheWay(table, suffix).forEach(name -> statements.add(drop(name, table.name())));
            statements.addAll(creations(table, subject, suffix));
        }
        for (TableName partition : openPartitions(table, suffix)) {
            statements.add(drop(TRUNCATE + suffix, partition));
            statements.add(againstTruncate(partition, table, suffix));
        }
        return statements;
    }

    private static String drop(String name, TableName table) {
        return "drop trigger if exists " + TableName.quote(name) + " on " + table.quoted();
    }

    /** On the table, or one of its partitions: where that is truncated by its own name, the table's trigger does not fire. */
    private static String againstTruncate(TableName on, Table table, String suffix) {
        return "create trigger " + TRUNCATE + suffix + " before truncate on " + on.quoted()
                + " for each statement execute function caretaker.refuse_held_truncate("
                + Sql.literal(table.name().quoted()) + ")";
    }

    /** Without a primary key rows may be held by the keys of several policies, and each kind has triggers of its own. */
    private static String suffix(Table table, List<String> subject) {
        return table.primaryKey().isEmpty() ? "_" + Integer.toHexString(subject.hashCode()) : "";
    }

    private static List<String> creations(Table table, List<String> subject, String suffix) {
        String quoted = table.name().quoted();
        String held = "execute function caretaker.refuse_held_delete(" + Sql.literal(quoted)
                + subject.stream().map(column -> ", " + Sql.literal(column)).collect(Collectors.joining()) + ")";
        // As texts, to the letter: by those a hold knows a key, and by an equal one it would not find its row.
        // After: only then is a generated column known, and what another trigger has made of the key.
        String changed = subject.stream()
                .map(TableName::quote)
                .map(column -> "old." + column + "::text collate \"C\" is distinct from new." + column + "::text")
                .collect(Collectors.joining(" or ", "when (", ") "));
        return List.of(
                "create trigger " + ROWS + suffix + " before delete on " + quoted + " for each row " + held,
                "create trigger " + KEYS + suffix + " after update on " + quoted + " for each row " + changed + held,
                againstTruncate(table.name(), table, suffix));
    }

    /** Partitions at any depth that could be truncated; of another server none can have such a trigger everywhere. */
    private List<TableName> openPartitions(Table table, String suffix) {
        return transactions.run(
                "cleanup.hold-guarded",
                session -> session.query(
                        Sql.of(
                                """
                                /* caretaker.cleanup.hold-open-partitions */
                                select n.nspname, c.relname
                                from pg_partition_tree(cast(? as oid)) p
                                join pg_class c on c.oid = p.relid
                                join pg_namespace n on n.oid = c.relnamespace
                                where p.level > 0
                                  and c.relkind in ('r', 'p')
                                  and not exists (
                                    select 1
                                    from pg_trigger t
                                    where t.tgrelid = c.oid
                                      and t.tgname = ?
                                      and t.tgenabled in ('O', 'A')
                                      and t.tgfoid = to_regprocedure('caretaker.refuse_held_truncate()')
                                      and t.tgargs = convert_to(?, getdatabaseencoding()) || decode('00', 'hex'))
                                order by n.nspname, c.relname
                                """,
                                Long.toString(table.oid()),
                                TRUNCATE + suffix,
                                table.name().quoted()),
                        row -> new TableName(row.getString(1), row.getString(2))));
    }

    /**
     * Whoever applies a subscription passes triggers by, unless they act always. Those then end the subscription's work at a held
     * row, until it is released: that is for the table's owner to decide. Partitions have triggers of their own.
     */
    private Optional<String> passed(Table table, String suffix) {
        List<String> statements = transactions.run(
                "cleanup.hold-subscribed",
                session -> session.query(
                        Sql.of(
                                """
                                /* caretaker.cleanup.hold-guard-passed */
                                select 'alter table ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname)
                                  || string_agg(' enable always trigger ' || quote_ident(t.tgname), ',' order by t.tgname)
                                from pg_trigger t
                                join pg_class c on c.oid = t.tgrelid
                                join pg_namespace n on n.oid = c.relnamespace
                                where (c.oid = ? or c.oid in (select relid from pg_partition_tree(cast(? as oid))))
                                  and t.tgname = any (cast(? as text[]))
                                  and t.tgenabled <> 'A'
                                  and exists (
                                    select 1
                                    from pg_subscription_rel s
                                    where s.srrelid = ?
                                      or s.srrelid in (select relid from pg_partition_tree(cast(? as oid))))
                                group by c.oid, n.nspname, c.relname
                                order by c.oid <> ?, n.nspname, c.relname
                                """,
                                table.oid(),
                                Long.toString(table.oid()),
                                names(suffix),
                                table.oid(),
                                Long.toString(table.oid()),
                                table.oid()),
                        row -> row.getString(1)));
        return statements.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", statements));
    }

    private static List<String> names(String suffix) {
        return List.of(ROWS + suffix, KEYS + suffix, TRUNCATE + suffix);
    }

    /** Those of ours that are not as they should be now; where keys are told apart by their policies, of this one's name alone. */
    private List<String> inTheWay(Table table, String suffix) {
        return transactions.run(
                "cleanup.hold-guarded",
                session -> session.query(Sql.of("""
                                /* caretaker.cleanup.hold-guard-exists */
                                select tgname
                                from pg_trigger
                                where tgrelid = ?
                                  and (tgname = any (cast(? as text[]))
                                    or (? = ''
                                      and tgfoid in (to_regprocedure('caretaker.refuse_held_delete()'),
                                        to_regprocedure('caretaker.refuse_held_truncate()'))))
                                order by tgname
                                """, table.oid(), names(suffix), suffix), row -> row.getString(1)));
    }

    /**
     * By all that they look for, too: those that were made for another name of the table look for holds of that name alone, and
     * those of another key for holds by that.
     */
    private boolean isOn(Table table, List<String> subject) {
        List<String> arguments = Stream.concat(Stream.of(table.name().quoted()), subject.stream())
                .toList();
        return transactions
                .run(
                        "cleanup.hold-guarded",
                        session -> session.first(
                                Sql.of("""
                                /* caretaker.cleanup.hold-guarded */
                                with argument as (
                                  select place, convert_to(argument, getdatabaseencoding()) || decode('00', 'hex') as bytes
                                  from pg_catalog.unnest(cast(? as text[])) with ordinality as a (argument, place)
                                )
                                select count(distinct tgtype)
                                from pg_trigger
                                where tgrelid = ?
                                  and tgenabled in ('O', 'A')
                                  and tgname <> ?
                                  and ((tgfoid = to_regprocedure('caretaker.refuse_held_delete()')
                                      and tgargs = (select string_agg(bytes, '' order by place) from argument))
                                    or (tgfoid = to_regprocedure('caretaker.refuse_held_truncate()')
                                      and tgargs = (select bytes from argument where place = 1)))
                                """, arguments, table.oid(), EQUAL_KEYS), row -> row.getInt(1) == TRIGGERS))
                .orElse(false);
    }
}
