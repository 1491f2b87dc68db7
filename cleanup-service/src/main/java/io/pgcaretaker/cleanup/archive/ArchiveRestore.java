package io.pgcaretaker.cleanup.archive;

import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads archived rows back into their table, all or none. */
final class ArchiveRestore {

    private static final Duration DEADLINE = Duration.ofMinutes(10);

    private final Transactions transactions;
    private final CatalogueRepository catalogue;
    private final LedgerRepository ledger;
    private final Archive archive;

    ArchiveRestore(Transactions transactions, CatalogueRepository catalogue, LedgerRepository ledger, Archive archive) {
        this.transactions = transactions;
        this.catalogue = catalogue;
        this.ledger = ledger;
        this.archive = archive;
    }

    /** What came of it. */
    sealed interface Outcome {
        record Restored(long rows) implements Outcome {}

        /** Why not, for an operator. */
        record Refused(String why) implements Outcome {}
    }

    /** Whether the batch that wrote it committed: otherwise the rows are still where they were. */
    boolean isCommitted(Manifest manifest) {
        return transactions.run(
                "cleanup.archive",
                session -> ledger.names(session, manifest.reference(), manifest.run(), manifest.seq()));
    }

    Outcome restore(Manifest manifest) throws IOException {
        if (!isCommitted(manifest)) {
            return new Outcome.Refused(
                    "no ledger line names this file: its batch did not commit, the rows were not deleted");
        }
        if (!archive.isIntact(manifest)) {
            return new Outcome.Refused("the file is missing, or not the one that was written (SHA-256)");
        }
        try {
            return transactions.run(
                    "cleanup.archive-restore", DEADLINE, Duration.ofSeconds(5), session -> copy(session, manifest));
        } catch (DatabaseFailure e) {
            if (e.isUniqueViolation()) {
                return new Outcome.Refused(
                        "rows with these keys are there again (" + e.constraint() + "); nothing was read back");
            }
            if (e.isConstraintViolation()) {
                return new Outcome.Refused("a row is not as the table wants it now ("
                        + (e.constraint() == null ? "a column that must not be null" : e.constraint())
                        + "); nothing was read back");
            }
            if (e.isRetryable()) {
                return new Outcome.Refused(
                        "the table is locked by somebody, or reading took too long; nothing was read back");
            }
            throw e;
        }
    }

    private Outcome copy(Session session, Manifest manifest) throws SQLException {
        List<Long> found = catalogue.find(session, manifest.schema(), manifest.table());
        Optional<Table> table = found.size() == 1 ? catalogue.table(session, found.get(0)) : Optional.empty();
        if (table.isEmpty()) {
            return new Outcome.Refused("there is no table " + manifest.schema() + "." + manifest.table());
        }
        for (Manifest.Column column : manifest.columns()) {
            if (!column.type().equals(table.get().columns().get(column.name()))) {
                return new Outcome.Refused("column '" + column.name() + "' was " + column.type() + " and is "
                        + table.get().columns().getOrDefault(column.name(), "not there any more"));
            }
        }
        String columns = manifest.columns().stream()
                .map(column -> TableName.quote(column.name()))
                .collect(Collectors.joining(", "));
        try (InputStream rows = archive.rows(manifest)) {
            long read = session.copyIn(table.get().name().quoted(), columns, rows);
            if (read != manifest.rows()) {
                throw new IllegalStateException("the manifest says " + manifest.rows() + " rows, the file has " + read);
            }
            return new Outcome.Restored(read);
        } catch (IOException e) {
            throw new UncheckedIOException("the archive cannot be read, nothing was read back", e);
        }
    }
}
