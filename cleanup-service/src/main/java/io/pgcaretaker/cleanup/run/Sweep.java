package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import io.pgcaretaker.cleanup.plan.Cursor;
import io.pgcaretaker.cleanup.plan.Deletes;
import io.pgcaretaker.cleanup.plan.Statements;
import io.pgcaretaker.cleanup.plan.Window;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One statement deletes what matches in a window: no row crosses the network and none is locked beforehand. PostgreSQL
 * looks at the predicate again when a row was changed meanwhile.
 */
final class Sweep implements Removal {

    private final ArmedPolicy armed;
    private final Statements statements;
    private final Way way;

    /** How the statement is run. */
    @FunctionalInterface
    interface Way {
        /** The statement itself, and nothing else. */
        Way PLAIN = (session, sweep, position) -> new Swept(session.update(sweep), null);

        Swept run(Session session, Sql sweep, Claimed.Position position) throws SQLException;
    }

    /** Rows gone, and where they were written. */
    record Swept(long rows, @Nullable String archive) {}

    Sweep(ArmedPolicy armed, Statements statements, Way way) {
        this.armed = armed;
        this.statements = statements;
        this.way = way;
    }

    @Override
    public Optional<Taken> take(Session session, Claimed.Position position, int units, boolean careful)
            throws SQLException {
        if (position.cursor() instanceof Cursor.Block block) {
            if (block.next() >= block.end()) {
                return Optional.empty();
            }
            long to = Math.min(block.next() + units, block.end());
            return Optional.of(sweep(
                    session,
                    position,
                    new Window.Blocks(block.next(), to),
                    new Cursor.Block(to, block.end()),
                    to == block.end(),
                    careful));
        }
        Cursor.Row after = (Cursor.Row) position.cursor();
        Optional<Cursor.Row> upTo = boundary(session, after, units);
        return Optional.of(sweep(
                session,
                position,
                new Window.Rows(after, upTo.orElse(null)),
                upTo.isPresent() ? upTo.get() : after,
                upTo.isEmpty(),
                careful));
    }

    private Taken sweep(
            Session session,
            Claimed.Position position,
            Window window,
            @Nullable Cursor next,
            boolean last,
            boolean careful)
            throws SQLException {
        Deletes deletes = statements.leanIfNothingIsHeld(session).deletes();
        Sql sweep = careful ? deletes.sweepUnlocked(window) : deletes.sweep(window);
        Swept swept = way.run(session, sweep, position);
        return new Taken(
                next,
                last,
                swept.rows() == 0 ? Map.of() : Map.of(armed.table().name().toString(), swept.rows()),
                swept.archive());
    }

    private Optional<Cursor.Row> boundary(Session session, Cursor.@Nullable Row after, int rows) throws SQLException {
        return session.first(statements.boundary(after, rows), row -> Rows.cursor(armed, row));
    }

    @Override
    public Optional<Cursor> beyond(Session session, Claimed.Position position) throws SQLException {
        if (position.cursor() instanceof Cursor.Block block) {
            return block.next() < block.end()
                    ? Optional.of(new Cursor.Block(block.next() + 1, block.end()))
                    : Optional.empty();
        }
        return boundary(session, (Cursor.Row) position.cursor(), 1).map(Cursor.class::cast);
    }

    @Override
    public BatchSize.Range range(@Nullable Cursor cursor) {
        return cursor instanceof Cursor.Block ? BatchSize.Range.BLOCKS : BatchSize.Range.ROWS;
    }
}
