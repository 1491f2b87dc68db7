package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.archive.Archive;
import io.pgcaretaker.cleanup.archive.Manifest;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.StoredColumn;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The rows leave to a file on the way out. It is complete and synced before the batch commits. */
public final class ArchivedSweep implements Sweep.Way {

    private final CatalogueRepository catalogue = new CatalogueRepository();
    private final LedgerRepository ledger = new LedgerRepository();
    private final Archive archive;
    private final Claimed run;
    private final ArmedPolicy armed;

    public ArchivedSweep(Archive archive, Claimed run, ArmedPolicy armed) {
        this.archive = archive;
        this.run = run;
        this.armed = armed;
    }

    @Override
    public Sweep.Swept run(Session session, Sql sweep, Claimed.Position position) throws SQLException {
        if (!armed.table().columns().keySet().containsAll(armed.storedColumns())) {
            // One came, or got another name, amid the look at the table.
            throw new ColumnsChangedException(armed.table().name().toString());
        }
        List<Manifest.Column> columns = new ArrayList<>();
        Sql returning = Sql.format(
                "%s returning %s", sweep, WideRows.returned(armed.table(), armed.storedColumns(), WideRows.most()));
        Archive.Origin origin = new Archive.Origin(
                run.policy(),
                run.id(),
                position.ledgerSeq() + 1,
                run.fence(),
                LedgerRepository.home(session),
                armed.table().name(),
                position.now());
        AtomicLong filled = new AtomicLong();
        try {
            return archive.write(origin, columns, () -> ledger.namesFiles(session), out -> {
                        long rows = write(session, returning, columns, out);
                        filled.set(System.nanoTime());
                        return rows;
                    })
                    .map(written -> new Sweep.Swept(
                            written.rows(), written.reference(), Duration.ofNanos(System.nanoTime() - filled.get())))
                    .orElse(new Sweep.Swept(0, null, Duration.ZERO));
        } catch (IOException e) {
            throw new NotWrittenException(e, archive.place());
        }
    }

    /**
     * A migration may add a column while a run goes on for hours, and what the application wrote there would be in no file.
     * Looked at behind the delete: until this transaction ends, its locks let nobody change the table.
     *
     * @param columns are known from then on
     */
    private long write(Session session, Sql returning, List<Manifest.Column> columns, OutputStream out)
            throws SQLException, IOException {
        long rows = copy(session, returning, out);
        TableName table = armed.table().name();
        if (rows > 0) {
            List<StoredColumn> stored = catalogue.storedColumns(session, table);
            if (!isAsArmed(stored)) {
                throw new ColumnsChangedException(table.toString());
            }
            stored.forEach(column -> columns.add(Manifest.Column.of(column)));
        }
        return rows;
    }

    private boolean isAsArmed(List<StoredColumn> stored) {
        return stored.stream().map(StoredColumn::name).toList().equals(armed.storedColumns())
                && stored.stream()
                        .allMatch(column -> column.type().equals(armed.table().type(column.name())));
    }

    private static long copy(Session session, Sql returning, OutputStream out) throws SQLException, IOException {
        try {
            return session.copyOut(returning, out);
        } catch (SQLException e) {
            String why = WideRows.why(e, WideRows.most()).orElseThrow(() -> e);
            throw new NotWrittenException(why);
        }
    }

    /** Rolls the batch back and ends the run: the next one archives the columns as they are then. */
    public static final class ColumnsChangedException extends RuntimeException {
        ColumnsChangedException(String table) {
            super("columns of " + table
                    + " were changed while the run went on; nothing of this batch was deleted, the next run archives them as"
                    + " they are now");
        }
    }

    /** The batch is rolled back, and so is every other one until somebody mends the archive. */
    public static final class NotWrittenException extends RuntimeException {
        NotWrittenException(IOException cause, String place) {
            super(sentence(Archive.why(cause), place), cause);
        }

        NotWrittenException(String why) {
            super(sentence(why, "it"));
        }

        private static String sentence(String why, String what) {
            return "the archive cannot be written (" + why + "), nothing of this batch was deleted; mend " + what
                    + ", and the next run goes on";
        }
    }
}
