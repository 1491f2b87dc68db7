package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import io.pgcaretaker.cleanup.plan.Statements;
import java.sql.SQLException;
import java.util.List;

/** Keeps holds from coming into force on what goes with a batch's rows; the fence has done so for the rows themselves. */
final class HoldGates {

    private HoldGates() {}

    /** The statements without a look for holds where nothing is held; by what the fence has seen, where that is all. */
    static Statements lean(Session session, Claimed.Position position, Statements about) throws SQLException {
        List<String> held = position.held();
        return held == null ? about.leanIfNothingIsHeld(session) : about.whereHeld(held);
    }

    /** Before the statement that reads holds: it sees every hold that is in force, until this transaction ends. */
    static void shut(Session session, ArmedPolicy armed) throws SQLException {
        List<String> tables = armed.dependents().stream()
                .map(dependent -> dependent.table().name().quoted())
                .distinct()
                .sorted()
                .toList();
        if (!tables.isEmpty()) {
            session.query(Sql.of("""
                            /* caretaker.cleanup.hold-gates */
                            select pg_advisory_xact_lock_shared(caretaker.hold_gate(subject_table))
                            from unnest(cast(? as text[])) as t (subject_table)
                            """, tables), row -> true);
        }
    }
}
