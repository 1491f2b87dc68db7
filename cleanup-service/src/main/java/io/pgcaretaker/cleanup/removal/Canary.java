package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Cursor;
import io.pgcaretaker.cleanup.statement.Statements;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first enforced rows of a policy: a hundred at most, looked at before and after by other means than the statement
 * that takes them. Whatever is wrong rolls the batch back and ends the run.
 */
public final class Canary implements Removal {

    static final int ROWS = 100;

    private final ArmedPolicy armed;
    private final Statements statements;
    private final Removal removal;

    public Canary(ArmedPolicy armed, Statements statements, Removal removal) {
        this.armed = armed;
        this.statements = statements;
        this.removal = removal;
    }

    /** The rows that went were not those that should. */
    public static final class DeadException extends RuntimeException {
        DeadException(String message) {
            super(message);
        }
    }

    @Override
    public Optional<Taken> take(Session session, Claimed.Position position, int units, boolean careful)
            throws SQLException {
        int rows = Math.min(units, ROWS);
        // Before the rows are picked: no hold comes into force any more on what goes, or is changed, with them.
        HoldGates.shut(session, armed);
        // Locked, so that what is found now is what goes.
        List<Cursor.Row> picked =
                session.query(statements.pick(null, rows, Statements.Locking.SKIP), row -> Rows.cursor(armed, row));
        if (picked.isEmpty()) {
            return Optional.of(new Taken(position.cursor(), false, Map.of(), null));
        }
        List<List<String>> keys = picked.stream().map(Cursor.Row::key).toList();
        require(count(session, statements.expired(keys)) == keys.size(), "a picked row is not old enough");
        Optional<Taken> taken =
                removal.takeFirst(session, position.atBeginning(), picked.get(picked.size() - 1), picked.size());
        long gone = taken.map(Taken::rows)
                .map(tables -> tables.getOrDefault(armed.table().name().toString(), 0L))
                .orElse(0L);
        if (!armed.policy().triggers().isEmpty()) {
            // One that is deferred may put rows back, or undo a mask, behind this look.
            session.update(Statements.SETTLE);
        }
        require(gone <= keys.size(), gone + " rows went where " + keys.size() + " should");
        require(
                count(session, statements.left(keys)) + gone == keys.size(),
                armed.policy().action().is(Action.Kind.ANONYMISE)
                        ? "rows are not as the masks make them: a trigger of the table changes what they have set"
                        : "rows went that were not picked, or a trigger has put back what went");
        return Optional.of(new Taken(
                position.cursor(),
                false,
                taken.map(Taken::rows).orElse(Map.of()),
                taken.map(Taken::archive).orElse(null),
                taken.map(Taken::erased).orElse(null),
                false));
    }

    private static long count(Session session, Sql sql) throws SQLException {
        return session.first(sql, row -> row.getLong(1)).orElse(-1L);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new DeadException(message + "; nothing was committed");
        }
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
