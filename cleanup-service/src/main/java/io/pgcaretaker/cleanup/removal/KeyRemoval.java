package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.ledger.Erased;
import io.pgcaretaker.cleanup.ledger.ErasureKey;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Cursor;
import io.pgcaretaker.cleanup.statement.KeyStatements;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Takes rows by their keys, however old they are; those that have gone meanwhile, or are held, are passed over. */
public final class KeyRemoval implements Removal {

    private final ArmedPolicy armed;
    private final KeyStatements statements;
    private final ErasureKey key;
    private final List<List<String>> keys;
    private final Parts parts;

    /** @param parts of all removals of the run */
    public KeyRemoval(
            ArmedPolicy armed, KeyStatements statements, ErasureKey key, Parts parts, List<List<String>> keys) {
        this.armed = armed;
        this.parts = parts;
        this.statements = statements;
        this.key = key;
        this.keys = keys;
    }

    public static List<String> key(ArmedPolicy armed, ResultSet row) throws SQLException {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= armed.key().size(); i++) {
            values.add(row.getString(i));
        }
        return values;
    }

    /** Empty when nothing of these keys is left to take. */
    @Override
    public Optional<Taken> take(Session session, Claimed.Position position, int units, boolean careful)
            throws SQLException {
        HoldGates.shut(session, armed);
        KeyStatements lean = statements.leanIfNothingIsHeld(session);
        List<List<String>> locked = session.query(lean.lock(keys), row -> key(armed, row));
        if (locked.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Long> gone = new TreeMap<>();
        boolean whole = parts.delete(session, lean.deletes(), locked, gone, keys.size() == 1);
        Erased erased = whole
                ? new Erased(
                        key.id(),
                        ErasureKey.columns(armed.table(), armed.key()),
                        locked.stream()
                                .map(row -> key.digest(armed.table().name(), row))
                                .toList())
                : null;
        return Optional.of(new Taken(position.cursor(), false, gone, null, erased, false));
    }

    @Override
    public Optional<Cursor> beyond(Session session, Claimed.Position position) {
        return Optional.empty();
    }

    @Override
    public BatchSize.Range range(@Nullable Cursor cursor) {
        return BatchSize.Range.PICKED;
    }
}
