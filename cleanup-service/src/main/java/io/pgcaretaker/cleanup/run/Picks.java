package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.ledger.Erased;
import io.pgcaretaker.cleanup.ledger.ErasureKey;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import io.pgcaretaker.cleanup.plan.Cursor;
import io.pgcaretaker.cleanup.plan.NoticeStatements;
import io.pgcaretaker.cleanup.plan.Statements;
import io.pgcaretaker.cleanup.plan.Statements.Locking;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Picks and locks rows by key, then deletes what depends on them, leaves first, and then the rows themselves. */
final class Picks implements Removal {

    private final UUID run;
    private final ArmedPolicy armed;
    private final Statements statements;
    private final Optional<ErasureKey> key;

    /**
     * For one run.
     *
     * @param key by which the rows' keys are remembered; empty: they are not
     */
    Picks(UUID run, ArmedPolicy armed, Statements statements, Optional<ErasureKey> key) {
        this.run = run;
        this.key = key;
        this.armed = armed;
        this.statements = statements;
    }

    @Override
    public Optional<Taken> take(Session session, Claimed.Position position, int units, boolean careful)
            throws SQLException {
        HoldGates.shut(session, armed);
        // The first pass leaves locked rows to the second, which waits for them.
        Statements lean = statements.leanIfNothingIsHeld(session);
        List<Cursor.Row> picked =
                pick(lean, session, position, units, position.secondPass() ? Locking.WAIT : Locking.SKIP);
        if (picked.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Long> gone = new TreeMap<>();
        List<List<String>> keys = picked.stream().map(Cursor.Row::key).toList();
        boolean whole = new LockedRows(armed, lean.deletes()).delete(session, keys, gone);
        if (whole && armed.policy().givesNotice()) {
            session.update(new NoticeStatements(armed).purged(keys, run));
        }
        // Dependents of one row beyond what a transaction takes: the row itself and the cursor stay for the next one.
        Cursor next = whole ? picked.get(picked.size() - 1) : position.cursor();
        Optional<Erased> erased = whole ? key.map(known -> erased(known, picked)) : Optional.empty();
        return Optional.of(new Taken(next, false, gone, null, erased.orElse(null)));
    }

    private Erased erased(ErasureKey known, List<Cursor.Row> picked) {
        return new Erased(
                known.id(),
                picked.stream()
                        .map(row -> known.digest(armed.table().name(), row.key()))
                        .toList());
    }

    private List<Cursor.Row> pick(
            Statements from, Session session, Claimed.Position position, int rows, Locking locking)
            throws SQLException {
        return session.query(from.pick((Cursor.Row) position.cursor(), rows, locking), row -> Rows.cursor(armed, row));
    }

    @Override
    public Optional<Cursor> beyond(Session session, Claimed.Position position) throws SQLException {
        return pick(statements, session, position, 1, Locking.NONE).stream()
                .map(Cursor.class::cast)
                .findFirst();
    }

    @Override
    public BatchSize.Range range(@Nullable Cursor cursor) {
        return BatchSize.Range.PICKED;
    }
}
