package io.pgcaretaker.cleanup.hold;

import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import java.time.Duration;
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
    private static final List<String> GUARDS = List.of(ROWS, KEYS, TRUNCATE);
    private static final List<String> NAMES = List.of(ROWS, KEYS, EQUAL_KEYS, TRUNCATE);

    /** Against deletes, and against changes of the key. */
    private static final int ROW_TRIGGERS = 2;

    private final Transactions transactions;

    HoldGuard(Transactions transactions) {
        this.transactions = transactions;
    }

    /** Puts them on, unless they are. Empty: the table is guarded; else what its owner has to run. */
    Optional<String> ensure(Table table, List<String> subject) {
        if (isOn(table)) {
            return passed(table);
        }
        List<String> statements = Stream.concat(
                        // Of another name that the table had, switched off, or fewer than there are now.
                        exists(table) ? NAMES.stream().map(name -> drop(name, table)) : Stream.of(),
                        creations(table, subject).stream())
                .toList();
        try {
            transactions.run("cleanup.hold-guard", STATEMENT, LOCK, session -> {
                for (String statement : statements) {
                    session.update(Sql.of("/* caretaker.cleanup.hold-guard */ " + statement));
                }
                return true;
            });
            LOG.infof("held rows of a table are guarded table=%s", table.name());
            return passed(table);
        } catch (DatabaseFailure e) {
            if (isOn(table)) {
                // Another hold was placed at the same moment.
                return passed(table);
            }
            LOG.warnf(
                    "held rows of a table are not guarded against other clients table=%s cause=%s",
                    table.name(), e.getMessage());
            return Optional.of(String.join("; ", statements));
        }
    }

    private static String drop(String name, Table table) {
        return "drop trigger if exists " + name + " on " + table.name().quoted();
    }

    private static List<String> creations(Table table, List<String> subject) {
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
                "create trigger " + ROWS + " before delete on " + quoted + " for each row " + held,
                "create trigger " + KEYS + " after update on " + quoted + " for each row " + changed + held,
                "create trigger " + TRUNCATE + " before truncate on " + quoted
                        + " for each statement execute function caretaker.refuse_held_truncate("
                        + Sql.literal(quoted) + ")");
    }

    /**
     * Whoever applies a subscription passes triggers by, unless they act always. Those then end the subscription's work at a held
     * row, until it is released: that is for the table's owner to decide.
     */
    private Optional<String> passed(Table table) {
        boolean passed = transactions
                .run("cleanup.hold-subscribed", session -> session.first(Sql.of("""
                                /* caretaker.cleanup.hold-guard-passed */
                                select 1
                                from pg_trigger
                                where tgrelid = ?
                                  and tgname = any (cast(? as text[]))
                                  and tgenabled <> 'A'
                                  and exists (
                                    select 1
                                    from pg_subscription_rel s
                                    where s.srrelid = tgrelid
                                      or s.srrelid in (select relid from pg_partition_tree(tgrelid)))
                                limit 1
                                """, table.oid(), GUARDS), row -> true))
                .isPresent();
        return passed
                ? Optional.of("alter table " + table.name().quoted()
                        + GUARDS.stream()
                                .map(name -> " enable always trigger " + name)
                                .collect(Collectors.joining(",")))
                : Optional.empty();
    }

    private boolean exists(Table table) {
        return transactions
                .run("cleanup.hold-guarded", session -> session.first(Sql.of("""
                                /* caretaker.cleanup.hold-guard-exists */
                                select 1
                                from pg_trigger
                                where tgrelid = ?
                                  and tgname = any (cast(? as text[]))
                                limit 1
                                """, table.oid(), NAMES), row -> true))
                .isPresent();
    }

    /** By its name, too: one that was made for another name of the table looks for holds of that name alone. */
    private boolean isOn(Table table) {
        return transactions
                .run(
                        "cleanup.hold-guarded",
                        session -> session.first(
                                Sql.of(
                                        """
                                /* caretaker.cleanup.hold-guarded */
                                select count(*)
                                from pg_trigger
                                where tgrelid = ?
                                  and tgenabled in ('O', 'A')
                                  and tgname <> ?
                                  and tgfoid = to_regprocedure('caretaker.refuse_held_delete()')
                                  and position(convert_to(?, getdatabaseencoding()) || decode('00', 'hex') in tgargs) = 1
                                """,
                                        table.oid(),
                                        EQUAL_KEYS,
                                        table.name().quoted()),
                                row -> row.getInt(1) == ROW_TRIGGERS))
                .orElse(false);
    }
}
