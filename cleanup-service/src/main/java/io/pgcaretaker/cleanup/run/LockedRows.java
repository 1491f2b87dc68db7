package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import io.pgcaretaker.cleanup.plan.Deletes;
import io.pgcaretaker.cleanup.plan.Dependent;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** Deletes rows that this transaction has locked: first what depends on them, leaves first, and then the rows. */
final class LockedRows {

    private final ArmedPolicy armed;
    private final Deletes deletes;

    LockedRows(ArmedPolicy armed, Deletes deletes) {
        this.armed = armed;
        this.deletes = deletes;
    }

    /**
     * Deletes them.
     *
     * @param gone is added to: rows by table
     * @return false: dependents of one row are left, and so is the row
     * @throws Removal.TooManyException when fewer rows must be taken at once
     */
    boolean delete(Session session, List<List<String>> keys, Map<String, Long> gone) throws SQLException {
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
                if (keys.size() > 1) {
                    throw new Removal.TooManyException();
                }
                return false;
            }
        }
        long rows = session.update(deletes.delete(keys));
        if (rows != keys.size()) {
            // The rows are locked and were picked by the same predicate: something else decides here.
            throw new IllegalStateException(
                    "picked " + keys.size() + " rows of " + armed.table().name() + " but deleted " + rows);
        }
        gone.merge(armed.table().name().toString(), rows, Long::sum);
        return true;
    }
}
