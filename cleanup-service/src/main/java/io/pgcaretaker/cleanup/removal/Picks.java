package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.ledger.Erased;
import io.pgcaretaker.cleanup.ledger.ErasureKey;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Cursor;
import io.pgcaretaker.cleanup.statement.NoticeStatements;
import io.pgcaretaker.cleanup.statement.PartlyGone;
import io.pgcaretaker.cleanup.statement.Statements;
import io.pgcaretaker.cleanup.statement.Statements.Locking;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Picks and locks rows by key, then deletes what depends on them, leaves first, and then the rows themselves. */
public final class Picks implements Removal {

    private final UUID run;
    private final ArmedPolicy armed;
    private final Statements statements;
    private final Optional<ErasureKey> key;
    private final Parts parts;

    /** The last transaction left dependents of one row: until that has gone, it is taken alone. */
    private boolean alone;

    /** The last transaction did not come to its end. */
    private boolean begun;

    /**
     * For one run.
     *
     * @param key by which the rows' keys are remembered; empty: they are not
     */
    public Picks(UUID run, ArmedPolicy armed, Statements statements, Optional<ErasureKey> key) {
        this.run = run;
        this.key = key;
        this.armed = armed;
        this.statements = statements;
        this.parts = new Parts(armed);
    }

    @Override
    public Optional<Taken> take(Session session, Claimed.Position position, int units, boolean careful)
            throws SQLException {
        // One row may be what takes so long: it is looked for at once, and not by halves.
        alone = alone || begun;
        begun = true;
        HoldGates.shut(session, armed);
        // The first pass leaves locked rows to the second, which waits for them.
        Statements lean = HoldGates.lean(session, position, statements);
        List<Cursor.Row> picked =
                pick(lean, session, position, alone ? 1 : units, position.secondPass() ? Locking.WAIT : Locking.SKIP);
        if (picked.isEmpty()) {
            begun = false;
            return Optional.empty();
        }
        Map<String, Long> gone = new TreeMap<>();
        List<Cursor.Row> told = told(session, picked);
        List<List<String>> keys = told.stream().map(Cursor.Row::key).toList();
        if (keys.isEmpty()) {
            begun = false;
            alone = false;
            return Optional.of(new Taken(picked.get(picked.size() - 1), false, gone, null));
        }
        boolean whole = delete(session, lean, keys, gone);
        boolean one = alone || !whole;
        begun = false;
        alone = !whole;
        if (whole && armed.policy().givesNotice()) {
            session.update(new NoticeStatements(armed).purged(keys, run));
        }
        PartlyGone partly = new PartlyGone(armed);
        if (partly.counts()) {
            session.update(whole ? partly.ended(told) : partly.begun(told.get(0), run));
        }
        // Dependents of one row beyond what a transaction takes: the row itself and the cursor stay for the next one.
        Cursor next = whole ? picked.get(picked.size() - 1) : position.cursor();
        Optional<Erased> erased = whole ? key.map(known -> erased(known, keys)) : Optional.empty();
        return Optional.of(new Taken(next, false, gone, null, erased.orElse(null), one));
    }

    private boolean delete(Session session, Statements lean, List<List<String>> keys, Map<String, Long> gone)
            throws SQLException {
        try {
            return parts.delete(session, lean.deletes(), keys, gone, alone);
        } catch (TooManyException e) {
            begun = false;
            throw e;
        }
    }

    /** A notice may have been sent again since its row was picked. */
    private List<Cursor.Row> told(Session session, List<Cursor.Row> picked) throws SQLException {
        if (!armed.policy().givesNotice()) {
            return picked;
        }
        List<List<String>> keys = picked.stream().map(Cursor.Row::key).toList();
        Set<List<String>> told =
                new HashSet<>(session.query(statements.lockNotices(keys), row -> KeyRemoval.key(armed, row)));
        return picked.stream().filter(row -> told.contains(row.key())).toList();
    }

    private Erased erased(ErasureKey known, List<List<String>> keys) {
        return new Erased(
                known.id(),
                ErasureKey.columns(armed.table(), armed.key()),
                keys.stream()
                        .map(row -> known.digest(armed.table().name(), row))
                        .toList());
    }

    private List<Cursor.Row> pick(
            Statements from, Session session, Claimed.Position position, int rows, Locking locking)
            throws SQLException {
        return session.query(from.pick(after(position), rows, locking), row -> Rows.cursor(armed, row));
    }

    /** A run that began to go by blocks, before anything referred to its rows, is at the beginning. */
    private static Cursor.@Nullable Row after(Claimed.Position position) {
        return position.cursor() instanceof Cursor.Row row ? row : null;
    }

    @Override
    public Optional<Cursor> beyond(Session session, Claimed.Position position) throws SQLException {
        return pick(HoldGates.lean(session, position, statements), session, position, 1, Locking.NONE).stream()
                .map(Cursor.class::cast)
                .findFirst();
    }

    @Override
    public BatchSize.Range range(@Nullable Cursor cursor) {
        return BatchSize.Range.PICKED;
    }
}
