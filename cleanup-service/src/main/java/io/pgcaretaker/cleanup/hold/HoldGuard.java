package io.pgcaretaker.cleanup.hold;

import io.pgcaretaker.cleanup.catalogue.Table;
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
 * Triggers by which a table that has held rows refuses to lose them, whoever deletes or truncates. Put on it with its first
 * hold, since they cost each delete a little; the hold itself does not depend on them.
 */
final class HoldGuard {

    private static final Logger LOG = Logger.getLogger(HoldGuard.class);

    private static final Duration STATEMENT = Duration.ofSeconds(5);

    /** Putting a trigger on shuts writers out while it waits for those that write: not for long. */
    private static final Duration LOCK = Duration.ofMillis(500);

    private final Transactions transactions;

    HoldGuard(Transactions transactions) {
        this.transactions = transactions;
    }

    /** Puts them on, unless they are. Empty: the table is guarded; else what its owner has to run. */
    Optional<String> ensure(Table table, List<String> subject) {
        if (isOn(table)) {
            return Optional.empty();
        }
        String rows = "create trigger caretaker_legal_hold before delete on "
                + table.name().quoted() + " for each row execute function caretaker.refuse_held_delete("
                + Sql.literal(table.name().quoted())
                + subject.stream().map(column -> ", " + Sql.literal(column)).collect(Collectors.joining()) + ")";
        String truncate = "create trigger caretaker_legal_hold_truncate before truncate on "
                + table.name().quoted() + " for each statement execute function caretaker.refuse_held_truncate("
                + Sql.literal(table.name().quoted()) + ")";
        // Of another name that the table had, or switched off.
        List<String> drops = exists(table)
                ? List.of(
                        "drop trigger if exists caretaker_legal_hold on "
                                + table.name().quoted(),
                        "drop trigger if exists caretaker_legal_hold_truncate on "
                                + table.name().quoted())
                : List.of();
        List<String> statements =
                Stream.concat(drops.stream(), Stream.of(rows, truncate)).toList();
        try {
            transactions.run("cleanup.hold-guard", STATEMENT, LOCK, session -> {
                for (String statement : statements) {
                    session.update(Sql.of("/* caretaker.cleanup.hold-guard */ " + statement));
                }
                return true;
            });
            LOG.infof("held rows of a table are guarded table=%s", table.name());
            return Optional.empty();
        } catch (DatabaseFailure e) {
            if (isOn(table)) {
                // Another hold was placed at the same moment.
                return Optional.empty();
            }
            LOG.warnf(
                    "held rows of a table are not guarded against other clients table=%s cause=%s",
                    table.name(), e.getMessage());
            return Optional.of(String.join("; ", statements));
        }
    }

    private boolean exists(Table table) {
        return transactions
                .run("cleanup.hold-guarded", session -> session.first(Sql.of("""
                                /* caretaker.cleanup.hold-guard-exists */
                                select 1
                                from pg_trigger
                                where tgrelid = ?
                                  and tgname in ('caretaker_legal_hold', 'caretaker_legal_hold_truncate')
                                limit 1
                                """, table.oid()), row -> true))
                .isPresent();
    }

    /** By its name, too: one that was made for another name of the table looks for holds of that name alone. */
    private boolean isOn(Table table) {
        return transactions
                .run(
                        "cleanup.hold-guarded",
                        session -> session.first(
                                Sql.of("""
                                /* caretaker.cleanup.hold-guarded */
                                select 1
                                from pg_trigger
                                where tgrelid = ?
                                  and tgenabled in ('O', 'A')
                                  and tgfoid = to_regprocedure('caretaker.refuse_held_delete()')
                                  and position(convert_to(?, getdatabaseencoding()) || decode('00', 'hex') in tgargs) = 1
                                limit 1
                                """, table.oid(), table.name().quoted()), row -> true))
                .isPresent();
    }
}
