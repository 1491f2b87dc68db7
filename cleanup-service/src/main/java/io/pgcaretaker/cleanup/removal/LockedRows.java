package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Deletes;
import io.pgcaretaker.cleanup.statement.Dependent;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Deletes rows that this transaction has locked: first what depends on them, leaves first, and then the rows. */
public final class LockedRows {

    private final ArmedPolicy armed;
    private final Deletes deletes;
    private final PartSize.Part part;
    private final boolean parts;

    /** @param part what goes in this transaction */
    LockedRows(ArmedPolicy armed, Deletes deletes, PartSize.Part part) {
        this(armed, deletes, part, false);
    }

    /** @param parts dependents of several rows may go in parts too: these are themselves a part of what goes */
    private LockedRows(ArmedPolicy armed, Deletes deletes, PartSize.Part part, boolean parts) {
        this.armed = armed;
        this.deletes = deletes;
        this.part = part;
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
                if (locked.size() >= part.rows()) {
                    requireParts(keys);
                    ArmedPolicy below = armed.of(dependent);
                    new LockedRows(below, Deletes.ofLocked(below), part, true).delete(session, locked, gone);
                    return false;
                }
            }
        }
        if (part.again() && setsNull(session, keys)) {
            requireParts(keys);
            return false;
        }
        for (Dependent dependent : armed.dependents()) {
            if (!deleteDependents(session, dependent, keys, gone)) {
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
        List<List<String>> locked = session.query(deletes.lock(dependent, keys, part.rows()), row -> {
            List<String> key = new ArrayList<>(columns);
            for (int i = 1; i <= columns; i++) {
                key.add(row.getString(i));
            }
            return key;
        });
        return columns == 0 ? List.of() : locked;
    }

    /** False: some are left. */
    private boolean deleteDependents(
            Session session, Dependent dependent, List<List<String>> keys, Map<String, Long> gone) throws SQLException {
        boolean named = !dependent.table().primaryKey().isEmpty();
        boolean byPlace = !named && part.again();
        long rows = session.update(
                byPlace
                        ? deletes.deleteByPlace(dependent, keys, part.rows())
                        : deletes.deleteDependent(dependent, keys, part.rows()));
        if (rows > 0) {
            gone.merge(dependent.table().name().toString(), rows, Long::sum);
        }
        // By place, what was changed at the same moment is left: only when none is found are all of them gone.
        return byPlace ? rows == 0 : !named || rows < part.rows();
    }

    /** Whether rows referred to these, and some of them no longer do: PostgreSQL would have to change all of them at once. */
    private boolean setsNull(Session session, List<List<String>> keys) throws SQLException {
        for (List<ForeignKey> path : armed.setNull()) {
            // As the table's owner does it on its own, so this role need not be allowed to.
            boolean may = session.first(Sql.of("""
                                    /* caretaker.cleanup.may-set-null */
                                    select has_table_privilege(oid, 'select') and has_table_privilege(oid, 'update')
                                    from pg_class
                                    where oid = ?
                                    """, path.get(path.size() - 1).childOid()), row -> row.getBoolean(1))
                    .orElse(false);
            if (may && session.update(deletes.setNull(path, keys, part.rows())) > 0) {
                return true;
            }
        }
        return false;
    }

    private void deleteRows(Session session, List<List<String>> keys, Map<String, Long> gone) throws SQLException {
        long rows = session.update(deletes.delete(keys));
        if (rows != keys.size()) {
            // The rows are locked and were picked by the same predicate: something else decides here.
            throw new KeptException(armed.table().name().toString(), keys.size() - rows, keys.size());
        }
        gone.merge(armed.table().name().toString(), rows, Long::sum);
    }

    /** What depends on them has gone in this transaction already: it is rolled back. */
    public static final class KeptException extends RuntimeException {
        KeptException(String table, long kept, int picked) {
            super(
                    "a trigger or a rule of " + table + " kept " + kept + " of " + picked
                            + " rows, nothing of this batch was deleted; make it let them go, or leave them out by the policy's filter");
        }
    }
}
