package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.catalogue.MemberRepository;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Cursor;
import io.pgcaretaker.cleanup.statement.Deletes;
import io.pgcaretaker.cleanup.statement.Statements;
import io.pgcaretaker.cleanup.statement.Window;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One statement deletes what matches in a window: no row crosses the network and none is locked beforehand. PostgreSQL
 * looks at the predicate again when a row was changed meanwhile.
 */
public final class Sweep implements Removal {

    private final MemberRepository members = new MemberRepository();
    private final ArmedPolicy armed;
    private final Statements statements;
    private final Way way;

    /** How the statement is run. */
    @FunctionalInterface
    public interface Way {
        /** The statement itself, and nothing else. */
        Way PLAIN = (session, sweep, position) -> new Swept(session.update(sweep), null, Duration.ZERO);

        Swept run(Session session, Sql sweep, Claimed.Position position) throws SQLException;
    }

    /**
     * Rows gone, and where they were written.
     *
     * @param keeping see {@link Removal.Taken}
     */
    record Swept(long rows, @Nullable String archive, Duration keeping) {}

    public Sweep(ArmedPolicy armed, Statements statements, Way way) {
        this.armed = armed;
        this.statements = statements;
        this.way = way;
    }

    @Override
    public Optional<Taken> take(Session session, Claimed.Position position, int units, boolean careful)
            throws SQLException {
        if (position.cursor() instanceof Cursor.Block block) {
            Optional<Place> place = place(session, block);
            return place.isEmpty()
                    ? Optional.empty()
                    : Optional.of(takeBlocks(session, position, place.get(), units, careful));
        }
        Cursor.Row after = (Cursor.Row) position.cursor();
        Optional<Cursor.Row> upTo = boundary(session, after, units);
        return Optional.of(sweep(
                session,
                position,
                statements,
                new Window.Rows(after, upTo.orElse(null)),
                upTo.isPresent() ? upTo.get() : after,
                upTo.isEmpty(),
                careful));
    }

    @Override
    public Optional<Taken> takeFirst(Session session, Claimed.Position beginning, Cursor.Row upTo, int rows)
            throws SQLException {
        // Looked at by the canary itself.
        Window window = new Window.Rows(null, upTo);
        Sql sweep = guarded(session, beginning, statements).sweepUnlocked(window);
        return Optional.of(taken(upTo, false, way.run(session, sweep, beginning)));
    }

    /** Blocks that are there, and the statements about them. */
    private record Place(Cursor.Block block, Statements statements) {}

    /** Where the cursor stands: in a partitioned table, in the next partition when one is done or has gone. */
    private Optional<Place> place(Session session, Cursor.Block block) throws SQLException {
        Long leaf = block.leaf();
        if (leaf == null) {
            return block.next() < block.end() ? Optional.of(new Place(block, statements)) : Optional.empty();
        }
        if (block.next() < block.end()) {
            Optional<TableName> name = members.keep(session, armed.table().oid(), leaf);
            if (name.isPresent()) {
                return Optional.of(new Place(block, statements.at(name.get())));
            }
        }
        Optional<Cursor.Block> next = next(session, leaf);
        return next.isEmpty() ? Optional.empty() : place(session, next.get());
    }

    private Optional<Cursor.Block> next(Session session, long leaf) throws SQLException {
        return members.after(session, armed.table().oid(), leaf)
                .map(after -> new Cursor.Block(0, after.blocks(), after.oid()));
    }

    private Taken takeBlocks(Session session, Claimed.Position position, Place place, int units, boolean careful)
            throws SQLException {
        Cursor.Block block = place.block();
        long to = Math.min(block.next() + units, block.end());
        return sweep(
                session,
                position,
                place.statements(),
                new Window.Blocks(block.next(), to),
                new Cursor.Block(to, block.end(), block.leaf()),
                to == block.end() && block.leaf() == null,
                careful);
    }

    private Taken sweep(
            Session session,
            Claimed.Position position,
            Statements about,
            Window window,
            @Nullable Cursor next,
            boolean last,
            boolean careful)
            throws SQLException {
        Deletes deletes = guarded(session, position, about);
        if (armed.masksMayBeUndone()) {
            Sql mask = careful ? deletes.maskUnlocked(window) : deletes.mask(window);
            return taken(next, last, new Swept(masked(session, about, mask), null, Duration.ZERO));
        }
        Sql sweep = careful ? deletes.sweepUnlocked(window) : deletes.sweep(window);
        return taken(next, last, way.run(session, sweep, position));
    }

    /** How many rows are as the masks make them when all triggers are done: those that fire afterwards, too, may set some back. */
    private long masked(Session session, Statements about, Sql mask) throws SQLException {
        List<List<String>> keys = session.query(mask, row -> KeyRemoval.key(armed, row));
        if (keys.isEmpty()) {
            return 0;
        }
        List<Long> left = session.update(List.of(Statements.SETTLE), about.left(keys), row -> row.getLong(1))
                .answer();
        return keys.size() - left.get(0);
    }

    /** Once no hold can come into force on what would go along or be changed. */
    private Deletes guarded(Session session, Claimed.Position position, Statements about) throws SQLException {
        HoldGates.shut(session, armed);
        return HoldGates.lean(session, position, about).deletes();
    }

    private Taken taken(@Nullable Cursor next, boolean last, Swept swept) {
        return new Taken(
                next,
                last,
                swept.rows() == 0 ? Map.of() : Map.of(armed.table().name().toString(), swept.rows()),
                swept.archive(),
                null,
                false,
                swept.keeping());
    }

    private Optional<Cursor.Row> boundary(Session session, Cursor.@Nullable Row after, int rows) throws SQLException {
        return session.first(statements.boundary(after, rows), row -> Rows.cursor(armed, row));
    }

    @Override
    public Optional<Cursor> beyond(Session session, Claimed.Position position) throws SQLException {
        if (position.cursor() instanceof Cursor.Block block) {
            // Nothing is locked: what cannot be taken may be a partition that somebody has locked as a whole.
            Long leaf = block.leaf();
            Optional<Cursor.Block> here =
                    block.next() < block.end() || leaf == null ? Optional.of(block) : next(session, leaf);
            return here.map(at -> new Cursor.Block(Math.min(at.next() + 1, at.end()), at.end(), at.leaf()));
        }
        return boundary(session, (Cursor.Row) position.cursor(), 1).map(Cursor.class::cast);
    }

    @Override
    public BatchSize.Range range(@Nullable Cursor cursor) {
        if (armed.masksMayBeUndone()) {
            return cursor instanceof Cursor.Block ? BatchSize.Range.KEYED_BLOCKS : BatchSize.Range.PICKED;
        }
        return cursor instanceof Cursor.Block ? BatchSize.Range.BLOCKS : BatchSize.Range.ROWS;
    }
}
