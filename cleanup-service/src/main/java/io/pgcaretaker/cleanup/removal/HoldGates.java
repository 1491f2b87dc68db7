package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Statements;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

/** Keeps holds from coming into force on what goes with a batch's rows; the fence has done so for the rows themselves. */
public final class HoldGates {

    private HoldGates() {}

    /** The statements without a look for holds where nothing is held; by what the fence has seen, where that is all. */
    static Statements lean(Session session, Claimed.Position position, Statements about) throws SQLException {
        List<String> held = position.held();
        return held == null ? about.leanIfNothingIsHeld(session) : about.whereHeld(held);
    }

    /** Before the statement that reads holds: it sees every hold that is in force, until this transaction ends. */
    public static void shut(Session session, ArmedPolicy armed) throws SQLException {
        List<String> tables = ofDependents(armed).toList();
        if (!tables.isEmpty()) {
            session.query(Sql.of("""
                            /* caretaker.cleanup.hold-gates */
                            select pg_advisory_xact_lock_shared(caretaker.hold_gate(subject_table))
                            from pg_catalog.unnest(cast(? as text[])) as t (subject_table)
                            """, tables), row -> true);
        }
    }

    /** In their order, so that nobody waits for another one in a circle. */
    private static Stream<String> ofDependents(ArmedPolicy armed) {
        return armed.keepers().stream()
                .map(dependent -> dependent.table().name().quoted())
                .distinct()
                .sorted();
    }

    /** Whether somebody who places a hold keeps one of the gates: no batch can begin until that has ended. */
    public static boolean isKept(Session session, ArmedPolicy armed) throws SQLException {
        List<String> tables = Stream.concat(Stream.of(armed.table().name().quoted()), ofDependents(armed))
                .toList();
        return session.first(Sql.of("""
                                /* caretaker.cleanup.hold-gates-kept */
                                select not coalesce(bool_and(pg_try_advisory_xact_lock_shared(caretaker.hold_gate(subject_table))), true)
                                from pg_catalog.unnest(cast(? as text[])) as t (subject_table)
                                """, tables), row -> row.getBoolean(1)).orElse(false);
    }
}
