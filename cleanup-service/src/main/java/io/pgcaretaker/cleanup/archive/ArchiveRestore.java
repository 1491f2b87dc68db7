package io.pgcaretaker.cleanup.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads archived rows back into their table, all or none. */
final class ArchiveRestore {

    private static final Duration DEADLINE = Duration.ofMinutes(10);

    private final Transactions transactions;
    private final ArchiveTarget target;
    private final LedgerRepository ledger;
    private final Archive archive;
    private final RestoreRecords records = new RestoreRecords();

    ArchiveRestore(Transactions transactions, CatalogueRepository catalogue, LedgerRepository ledger, Archive archive) {
        this.transactions = transactions;
        this.target = new ArchiveTarget(catalogue);
        this.ledger = ledger;
        this.archive = archive;
    }

    /** What came of it. */
    sealed interface Outcome {
        record Restored(long rows) implements Outcome {}

        /** Why not, for an operator. */
        record Refused(String why) implements Outcome {}
    }

    /** What became of the batch that wrote a file. */
    enum State {
        /** The rows were deleted: the file is all that is left of them. */
        COMMITTED,
        /** The batch did not commit, and never will. */
        ORPHAN,
        /** It is under way, or was for another home or a run that is not known here, as after a backup was restored. */
        UNDECIDED;

        String wireName() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * What the database knows of a file.
     *
     * @param restores when its rows were read back, and who wanted that; oldest first
     */
    record Known(State state, List<RestoreRecords.ReadBack> restores) {}

    /** Whether there is anything that could be read back. */
    boolean namesFiles() {
        return transactions.run("cleanup.archive", ledger::namesFiles);
    }

    /** By file. One without a manifest is known by its name alone. */
    Map<String, Known> known(List<Archive.Listed> listed) {
        if (listed.isEmpty()) {
            return Map.of();
        }
        List<LedgerRepository.Archived> files =
                listed.stream().map(Archive.Listed::archived).toList();
        return transactions.run("cleanup.archive", session -> {
            Map<String, List<RestoreRecords.ReadBack>> restores = records.of(
                    session, files.stream().map(LedgerRepository.Archived::file).toList());
            Map<String, Known> known = new HashMap<>();
            ledger.fates(session, files)
                    .forEach((file, fate) ->
                            known.put(file, new Known(state(fate), restores.getOrDefault(file, List.of()))));
            return known;
        });
    }

    private static State state(LedgerRepository.Fate fate) {
        if (fate.committed()) {
            return State.COMMITTED;
        }
        return fate.orphan() ? State.ORPHAN : State.UNDECIDED;
    }

    /** Takes back what was read. */
    private static final class RefusedException extends RuntimeException {
        RefusedException(String why) {
            super(why, null, false, false);
        }

        Outcome outcome() {
            return new Outcome.Refused(String.valueOf(getMessage()));
        }
    }

    /**
     * Reads them back.
     *
     * @param fireTriggers also where the table has triggers that fire on each of them
     * @param by who asks for it
     * @throws IOException where the archive is away
     */
    Outcome restore(Manifest manifest, boolean fireTriggers, String by) throws IOException {
        Optional<String> counts = transactions.run(
                "cleanup.archive",
                session -> ledger.counts(session, manifest.reference(), manifest.run(), manifest.seq()));
        if (counts.isEmpty()) {
            return new Outcome.Refused(
                    "no ledger line names this file: its batch did not commit, the rows were not deleted");
        }
        if (!isMeant(manifest, counts.get())) {
            return new Outcome.Refused("its manifest names other rows than the ledger line does");
        }
        if (!archive.isIntact(manifest)) {
            return new Outcome.Refused(
                    "the file is missing, did not come as a whole, or is not the one that was written (SHA-256)");
        }
        try {
            return transactions.run(
                    "cleanup.archive-restore",
                    DEADLINE,
                    Duration.ofSeconds(5),
                    session -> copy(session, manifest, fireTriggers, by));
        } catch (RefusedException e) {
            return e.outcome();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (DatabaseFailure e) {
            return ArchiveTarget.refusal(e)
                    .<Outcome>map(why -> new Outcome.Refused(why + "; nothing was read back"))
                    .orElseThrow(() -> e);
        }
    }

    /** The ledger vouches for the file by its hash; which table its rows are of, it says itself. */
    private static boolean isMeant(Manifest manifest, String counts) {
        String table = new TableName(manifest.schema(), manifest.table()).toString();
        try {
            return Archive.JSON.readTree(counts).path(table).asLong() == manifest.rows();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private Outcome copy(Session session, Manifest manifest, boolean fireTriggers, String by) throws SQLException {
        Optional<String> problem = target.problem(session, manifest, fireTriggers);
        if (problem.isPresent()) {
            return new Outcome.Refused(problem.get());
        }
        List<String> names =
                manifest.columns().stream().map(Manifest.Column::name).toList();
        String columns = names.stream().map(TableName::quote).collect(Collectors.joining(", "));
        try (Archive.Rows file = archive.rows(manifest)) {
            InputStream rows = new BufferedInputStream(file.csv());
            if (!CsvHeader.read(rows).equals(names)) {
                return new Outcome.Refused("its manifest names other columns than the file does");
            }
            long read = session.copyIn(new TableName(manifest.schema(), manifest.table()).quoted(), columns, rows);
            if (read != manifest.rows()) {
                throw new RefusedException("the manifest says " + manifest.rows() + " rows, and of the file " + read
                        + " were put into the table; nothing was read back");
            }
            if (!file.areOf(manifest)) {
                throw new RefusedException("the file was replaced while it was read (SHA-256); nothing was read back");
            }
            records.add(session, manifest, read, by);
            return new Outcome.Restored(read);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
