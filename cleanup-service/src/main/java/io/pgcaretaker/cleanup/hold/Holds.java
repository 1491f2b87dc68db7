package io.pgcaretaker.cleanup.hold;

import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.statement.HoldFragments;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Legal holds: placed on a row that is there, released by id. Every delete's predicate reads them. */
final class Holds {

    private final Transactions transactions;

    Holds(Transactions transactions) {
        this.transactions = transactions;
    }

    /** What came of placing a hold. */
    sealed interface Outcome {
        /** This hold, placed now or by the same case before. */
        record Placed(UUID hold, boolean now) implements Outcome {}

        record Gone() implements Outcome {}

        record Busy() implements Outcome {}

        record BadKey() implements Outcome {}
    }

    /** Why and for whom. */
    record Cause(String policy, String caseId, String reason, String by) {}

    /**
     * Places it, if the row is there.
     *
     * @param subject the columns by which a hold names a row of this table
     */
    Outcome place(Table table, List<String> subject, RowKey key, Cause cause) {
        try {
            return transactions.run("cleanup.hold", session -> place(session, table, subject, key, cause));
        } catch (DatabaseFailure e) {
            if (e.isBadValue()) {
                return new Outcome.BadKey();
            }
            if (e.isRetryable()) {
                return new Outcome.Busy();
            }
            throw e;
        }
    }

    private static Outcome place(Session session, Table table, List<String> subject, RowKey key, Cause cause)
            throws SQLException {
        // First the gate, then the row, as a batch does it: who comes second finds the hold, or finds the row gone.
        session.query(Sql.of("""
                        /* caretaker.cleanup.hold-gate */
                        select pg_advisory_xact_lock(caretaker.hold_gate(?))
                        """, table.name().quoted()), row -> true);
        Optional<String> there = session.first(
                Sql.format(
                        """
                        /* caretaker.cleanup.hold-subject */
                        select %s
                        from %s as t
                        where %s
                        for update
                        """,
                        Sql.of(HoldFragments.key(subject, "t")),
                        Sql.of(table.name().quoted()),
                        key.matches(table)),
                row -> row.getString(1));
        if (there.isEmpty()) {
            return new Outcome.Gone();
        }
        String subjectKey = there.get();
        boolean placed = session.update(Sql.of(
                        """
                        /* caretaker.cleanup.hold-place */
                        insert into caretaker.legal_hold
                          (case_id, policy, subject_table, subject_oid, subject_key, reason, placed_by)
                        values (?, ?, ?, cast(? as oid), ?, ?, ?)
                        on conflict (subject_table, subject_key, case_id) where released_at is null do nothing
                        """,
                        cause.caseId(),
                        cause.policy(),
                        table.name().quoted(),
                        Long.toString(table.oid()),
                        subjectKey,
                        cause.reason(),
                        cause.by()))
                == 1;
        UUID id = session.first(
                        Sql.of("""
                                /* caretaker.cleanup.hold-find */
                                select id
                                from caretaker.legal_hold
                                where case_id = ?
                                  and subject_table = ?
                                  and subject_key = ?
                                  and released_at is null
                                """, cause.caseId(), table.name().quoted(), subjectKey),
                        row -> row.getObject(1, UUID.class))
                .orElseThrow(() -> new SQLException("the hold has gone", "02000"));
        return new Outcome.Placed(id, placed);
    }

    /** False when there is no open hold of that id. */
    boolean release(UUID hold, String by) {
        return transactions.run(
                "cleanup.hold-release", session -> session.update(Sql.of("""
                                /* caretaker.cleanup.hold-release */
                                update caretaker.legal_hold
                                set released_at = clock_timestamp(),
                                    released_by = ?
                                where id = cast(? as uuid)
                                  and released_at is null
                                """, by, hold.toString())) == 1);
    }
}
