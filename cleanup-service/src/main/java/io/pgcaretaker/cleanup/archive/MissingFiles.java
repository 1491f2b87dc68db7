package io.pgcaretaker.cleanup.archive;

import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the ledger names and is not in the archive, or not its manifest: rows that do not come back by what is there. */
final class MissingFiles {

    private static final UUID FIRST_RUN = new UUID(0, 0);

    private final Transactions transactions;
    private final LedgerRepository ledger;
    private final Archive archive;

    /** Ledger lines that are read at once, and in one answer: a ledger of years takes some. */
    private final int lines;

    private final int most;

    MissingFiles(Transactions transactions, LedgerRepository ledger, Archive archive, int lines, int most) {
        this.transactions = transactions;
        this.ledger = ledger;
        this.archive = archive;
        this.lines = lines;
        this.most = most;
    }

    /**
     * Some of them.
     *
     * @param next where to go on; absent: that was all
     */
    record Found(List<LedgerRepository.Line> missing, LedgerRepository.@Nullable Place next) {}

    /** Up to {@code size} of them, in the order of the ledger's runs. */
    Found find(Archive.Selection selection, LedgerRepository.@Nullable Place after, int size) throws IOException {
        Set<String> there = there();
        UUID run = selection.run();
        LedgerRepository.Place place =
                after == null ? new LedgerRepository.Place(run == null ? FIRST_RUN : run, 0) : after;
        List<LedgerRepository.Line> missing = new ArrayList<>();
        boolean more = true;
        for (int looked = 0; more && looked < most && missing.size() < size; looked += lines) {
            List<LedgerRepository.Line> next = next(place, run);
            more = next.size() == lines;
            for (LedgerRepository.Line line : next) {
                if (missing.size() == size) {
                    more = true;
                    break;
                }
                place = line.place();
                if (line.file() != null && isMeant(selection, line) && !there.contains(line.file())) {
                    missing.add(line);
                }
            }
        }
        if (!missing.isEmpty()) {
            // What was written since is in the ledger, and was not yet there.
            Set<String> now = there();
            missing.removeIf(line -> now.contains(line.file()));
        }
        return new Found(missing, more ? place : null);
    }

    private List<LedgerRepository.Line> next(LedgerRepository.Place after, @Nullable UUID lastRun) {
        return transactions.run("cleanup.archive-missing", session -> ledger.files(session, after, lastRun, lines));
    }

    private static boolean isMeant(Archive.Selection selection, LedgerRepository.Line line) {
        return selection.policy() == null || selection.policy().equals(line.policy());
    }

    private Set<String> there() throws IOException {
        return archive.isConfigured() ? archive.names() : Set.of();
    }
}
