package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.ledger.Erased;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.statement.Cursor;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How rows leave their table, a window at a time, in the transaction of a batch. */
public interface Removal {

    /**
     * What one window gave.
     *
     * @param next where the following window begins
     * @param last nothing lies behind it in this pass
     * @param rows gone, or masked, by table
     * @param archive the file that holds them, with its SHA-256
     * @param erased digests of their keys, where those are remembered
     * @param alone one row, whatever the window's size: how long it took says nothing about a window
     * @param keeping how long the archive took to keep the file once all rows were in it: the same for few rows and for many
     */
    record Taken(
            @Nullable Cursor next,
            boolean last,
            Map<String, Long> rows,
            @Nullable String archive,
            @Nullable Erased erased,
            boolean alone,
            Duration keeping) {
        public Taken {
            rows = Map.copyOf(rows);
        }

        Taken(@Nullable Cursor next, boolean last, Map<String, Long> rows, @Nullable String archive) {
            this(next, last, rows, archive, null, false);
        }

        Taken(
                @Nullable Cursor next,
                boolean last,
                Map<String, Long> rows,
                @Nullable String archive,
                @Nullable Erased erased,
                boolean alone) {
            this(next, last, rows, archive, erased, alone, Duration.ZERO);
        }
    }

    /**
     * Takes the window at the cursor.
     *
     * @param units how large it is: rows or blocks
     * @param careful leave locked rows instead of waiting for them
     * @return empty: nothing is left in this pass
     * @throws TooManyException when the window must be smaller
     */
    Optional<Taken> take(Session session, Claimed.Position position, int units, boolean careful) throws SQLException;

    /**
     * Takes the oldest rows of all, up to one.
     *
     * @param rows so many of them are to go
     */
    default Optional<Taken> takeFirst(Session session, Claimed.Position beginning, Cursor.Row upTo, int rows)
            throws SQLException {
        return take(session, beginning, rows, true);
    }

    /** Where the pass goes on when the smallest window cannot be taken at all. */
    Optional<Cursor> beyond(Session session, Claimed.Position position) throws SQLException;

    /** How large windows of this removal may be. */
    BatchSize.Range range(@Nullable Cursor cursor);

    /** Rolls the batch back. */
    final class TooManyException extends RuntimeException {
        TooManyException() {
            super("more than one transaction takes", null, false, false);
        }
    }
}
