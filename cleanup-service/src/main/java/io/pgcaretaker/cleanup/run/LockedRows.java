package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import io.pgcaretaker.cleanup.plan.Deletes;
import io.pgcaretaker.cleanup.plan.Dependent;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Deletes rows that this transaction has locked: first what depends on them, leaves first, and then the rows. */
final class LockedRows {

    private final ArmedPolicy armed;
    private final Deletes deletes;
    private final int most;
    private final boolean parts;

    /** @param most rows of one dependent table that go in this transaction */
    LockedRows(ArmedPolicy armed, Deletes deletes, int most) {
        this(armed, deletes, most, false);
    }

    /** @param parts dependents of several rows may go in parts too: these are themselves a part of what goes */
    private LockedRows(ArmedPolicy armed, Deletes deletes, int most, boolean parts) {
        this.armed = armed;
        this.deletes = deletes;
        this.most = most;
        this.parts = parts;
    }

    /**
     * Deletes them.
     *
     * @param gone is added to: rows by table
     * @return false: dependents are left, and so are the rows
     * @throws Removal.TooManyException when fewer rows must be taken at once
     */
    boolean delete(Session session, List<List<String>> keys, Map<String, Long> gone) throws SQLException {
        for (int i = armed.dependents().size() - 1; i >= 0; i--) {
            Dependent dependent = armed.dependents().get(i);
            if (dependent.inner()) {
                List<List<String>> locked = lock(session, dependent, keys);
                if (locked.size() >= most) {
                    requireParts(keys);
                    ArmedPolicy part = armed.of(dependent);
                    new LockedRows(part, Deletes.ofLocked(part), most, true).delete(session, locked, gone);
                    return false;
                }
            }
        }
        for (Dependent dependent : armed.dependents()) {
            if (deleteDependents(session, dependent, keys, gone) >= most
                    && !dependent.table().primaryKey().isEmpty()) {
                requireParts(keys);
                return false;
            }
        }
        deleteRows(session, keys, gone);
        return true;
    }

    /** Several picked rows are tried again, fewer at a time; of one its dependents go part by part. */
    private void requireParts(List<List<String>> keys) {
        if (keys.size() > 1 && !parts) {
            throw new Removal.TooManyException();
        }
    }

    private List<List<String>> lock(Session session, Dependent dependent, List<List<String>> keys) throws SQLException {
        int columns = dependent.table().primaryKey().size();
        List<List<String>> locked = session.query(deletes.lock(dependent, keys, most), row -> {
            List<String> key = new ArrayList<>(columns);
            for (int i = 1; i <= columns; i++) {
                key.add(row.getString(i));
            }
            return key;
        });
        return columns == 0 ? List.of() : locked;
    }

    private long deleteDependents(Session session, Dependent dependent, List<List<String>> keys, Map<String, Long> gone)
            throws SQLException {
        long rows = session.update(deletes.deleteDependent(dependent, keys, most));
        if (rows > 0) {
            gone.merge(dependent.table().name().toString(), rows, Long::sum);
        }
        return rows;
    }

    private void deleteRows(Session session, List<List<String>> keys, Map<String, Long> gone) throws SQLException {
        long rows = session.update(deletes.delete(keys));
        if (rows != keys.size()) {
            // The rows are locked and were picked by the same predicate: something else decides here.
            throw new IllegalStateException(
                    "picked " + keys.size() + " rows of " + armed.table().name() + " but deleted " + rows);
        }
        gone.merge(armed.table().name().toString(), rows, Long::sum);
    }
}
