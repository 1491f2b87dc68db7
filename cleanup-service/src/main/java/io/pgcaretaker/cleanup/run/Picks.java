package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import io.pgcaretaker.cleanup.plan.Cursor;
import io.pgcaretaker.cleanup.plan.Deletes;
import io.pgcaretaker.cleanup.plan.Dependent;
import io.pgcaretaker.cleanup.plan.Statements;
import io.pgcaretaker.cleanup.plan.Statements.Locking;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Picks and locks rows by key, then deletes what depends on them, leaves first, and then the rows themselves. */
final class Picks implements Removal {

    private final ArmedPolicy armed;
    private final Statements statements;

    Picks(ArmedPolicy armed, Statements statements) {
        this.armed = armed;
        this.statements = statements;
    }

    @Override
    public Optional<Taken> take(Session session, Claimed.Position position, int units, boolean careful)
            throws SQLException {
        // The first pass leaves locked rows to the second, which waits for them.
        Statements lean = statements.leanIfNothingIsHeld(session);
        List<Cursor.Row> picked =
                pick(lean, session, position, units, position.secondPass() ? Locking.WAIT : Locking.SKIP);
        if (picked.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Long> gone = new TreeMap<>();
        boolean whole = delete(lean.deletes(), session, picked, gone);
        // Dependents of one row beyond what a transaction takes: the row itself and the cursor stay for the next one.
        Cursor next = whole ? picked.get(picked.size() - 1) : position.cursor();
        return Optional.of(new Taken(next, false, gone, null));
    }

    private List<Cursor.Row> pick(
            Statements from, Session session, Claimed.Position position, int rows, Locking locking)
            throws SQLException {
        return session.query(from.pick((Cursor.Row) position.cursor(), rows, locking), row -> Rows.cursor(armed, row));
    }

    /** False: dependents of one row are left, and so is the row. */
    private boolean delete(Deletes deletes, Session session, List<Cursor.Row> picked, Map<String, Long> gone)
            throws SQLException {
        List<List<String>> keys = picked.stream().map(Cursor.Row::key).toList();
        for (int i = armed.dependents().size() - 1; i >= 0; i--) {
            Dependent dependent = armed.dependents().get(i);
            if (dependent.inner()) {
                session.query(deletes.lock(dependent, keys), row -> true);
            }
        }
        for (Dependent dependent : armed.dependents()) {
            long rows = session.update(deletes.deleteDependent(dependent, keys));
            if (rows > 0) {
                gone.merge(dependent.table().name().toString(), rows, Long::sum);
            }
            if (rows >= Deletes.MOST_DEPENDENTS
                    && !dependent.table().primaryKey().isEmpty()) {
                if (picked.size() > 1) {
                    throw new TooManyException();
                }
                return false;
            }
        }
        long rows = session.update(deletes.delete(keys));
        if (rows != picked.size()) {
            // The rows are locked and were picked by the same predicate: something else decides here.
            throw new IllegalStateException(
                    "picked " + picked.size() + " rows of " + armed.table().name() + " but deleted " + rows);
        }
        gone.merge(armed.table().name().toString(), rows, Long::sum);
        return true;
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
