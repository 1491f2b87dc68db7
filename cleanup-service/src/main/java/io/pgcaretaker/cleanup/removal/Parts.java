package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Deletes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Deletes locked rows with what depends on them, in transactions that last as long as a batch should: of one row in parts. */
public final class Parts {

    /** Most of the table may be this row's, and it would be read from its beginning each time, past all that has gone. */
    private static final Sql ALONG_THE_INDEX = Sql.of("""
            /* caretaker.cleanup.along-the-index */
            select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)
            """);

    /**
     * So many dependents at most, and each by an index, which pre-flight has seen: to read the whole of their table instead
     * takes as long as that is large.
     */
    private static final Sql ROW_BY_ROW = Sql.of("""
            /* caretaker.cleanup.row-by-row */
            select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
              set_config('enable_mergejoin', 'off', true)
            """);

    private final ArmedPolicy armed;
    private final PartSize part;

    /** For one run: what went before says how much goes next. */
    public Parts(ArmedPolicy armed) {
        this.armed = armed;
        this.part = new PartSize(armed.policy().batchTarget());
    }

    /**
     * Deletes what fits into this transaction.
     *
     * @param gone is added to: rows by table
     * @param alone of the one row some have gone already, or it took too long with others
     * @return false: dependents of the one row are left, and so is the row
     * @throws Removal.TooManyException when fewer rows must be taken at once
     */
    boolean delete(Session session, Deletes deletes, List<List<String>> keys, Map<String, Long> gone, boolean alone)
            throws SQLException {
        if (!armed.dependents().isEmpty()) {
            session.query(ROW_BY_ROW, row -> true);
        }
        if (keys.size() > 1) {
            return deleteSeveral(session, deletes, keys, gone);
        }
        if (alone) {
            session.query(ALONG_THE_INDEX, row -> true);
        }
        long begin = System.nanoTime();
        boolean whole = new LockedRows(armed, deletes, part.begin()).delete(session, keys, gone);
        part.ended(Duration.ofNanos(System.nanoTime() - begin), whole);
        return whole;
    }

    private boolean deleteSeveral(Session session, Deletes deletes, List<List<String>> keys, Map<String, Long> gone)
            throws SQLException {
        long begin = System.nanoTime();
        try {
            return new LockedRows(armed, deletes, part.several()).delete(session, keys, gone);
        } finally {
            long most = armed.dependents().stream()
                    .mapToLong(dependent ->
                            gone.getOrDefault(dependent.table().name().toString(), 0L))
                    .max()
                    .orElse(0);
            part.severalEnded(Duration.ofNanos(System.nanoTime() - begin), most);
        }
    }
}
