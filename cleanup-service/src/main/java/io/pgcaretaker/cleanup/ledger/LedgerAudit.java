package io.pgcaretaker.cleanup.ledger;

import io.pgcaretaker.cleanup.database.Transactions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Walks the hash chains and says where one is broken. */
public final class LedgerAudit {

    private static final int RUNS_AT_ONCE = 200;
    private static final int SEALS_AT_ONCE = 1_000;

    /** Each may have thousands of digests. */
    private static final int LINES_AT_ONCE = 200;

    /** Enough to see what was done; a broken ledger can be broken everywhere. */
    private static final int MOST_FAULTS = 100;

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Transactions transactions;
    private final LedgerRepository ledger;
    private final ErasureRepository erasures = new ErasureRepository();
    private final SealRepository seals = new SealRepository();

    public LedgerAudit(Transactions transactions, LedgerRepository ledger) {
        this.transactions = transactions;
        this.ledger = ledger;
    }

    /** A line, or the end of a run's chain, that is not as it was written. */
    public record Fault(UUID run, int seq, String what) {}

    /**
     * What was found.
     *
     * @param intact no fault
     * @param rows deleted, over all lines
     * @param seals of runs that have ended
     * @param seal the hash of the last one: whoever has noted it finds it again, or something was taken off the end
     */
    public record Verdict(
            boolean intact,
            long runs,
            long lines,
            long rows,
            long seals,
            @Nullable String seal,
            List<Fault> faults) {
        public Verdict {
            faults = List.copyOf(faults);
        }
    }

    public Verdict verify() {
        List<Fault> faults = new ArrayList<>();
        long runs = 0;
        long[] linesAndRows = new long[2];
        UUID last = null;
        while (faults.size() < MOST_FAULTS) {
            UUID after = last;
            List<LedgerRepository.Head> heads = transactions.run(
                    "cleanup.ledger-verify",
                    DEADLINE,
                    Duration.ofSeconds(1),
                    session -> ledger.heads(session, after, RUNS_AT_ONCE));
            if (heads.isEmpty()) {
                break;
            }
            check(heads, faults, linesAndRows);
            runs += heads.size();
            last = heads.get(heads.size() - 1).run();
        }
        SealRepository.Seal lastSeal = checkSeals(faults);
        return new Verdict(
                faults.isEmpty(),
                runs,
                linesAndRows[0],
                linesAndRows[1],
                lastSeal == null ? 0 : lastSeal.seq(),
                lastSeal == null ? null : lastSeal.hash(),
                faults);
    }

    /** A run that was taken out together with its lines leaves a seal that has none. The last seal, if there is one. */
    private SealRepository.@Nullable Seal checkSeals(List<Fault> faults) {
        SealRepository.Seal last = null;
        List<SealRepository.Seal> page;
        do {
            long after = last == null ? 0 : last.seq();
            page = transactions.run(
                    "cleanup.ledger-seals",
                    DEADLINE,
                    Duration.ofSeconds(1),
                    session -> seals.after(session, after, SEALS_AT_ONCE));
            for (SealRepository.Seal seal : page) {
                check(seal, last, faults);
                last = seal;
            }
        } while (!page.isEmpty() && faults.size() < MOST_FAULTS);
        faults.addAll(transactions.run(
                "cleanup.ledger-unsealed",
                DEADLINE,
                Duration.ofSeconds(1),
                session -> seals.unsealed(session, MOST_FAULTS)));
        return last;
    }

    private static void check(SealRepository.Seal seal, SealRepository.@Nullable Seal last, List<Fault> faults) {
        long expected = last == null ? 1 : last.seq() + 1;
        String before = last == null ? LedgerLine.BEGINNING : last.hash();
        if (seal.seq() != expected) {
            faults.add(new Fault(seal.run(), seal.ledgerSeq(), "seals before that of this run are missing"));
        } else if (!seal.prevHash().equals(before)) {
            faults.add(new Fault(seal.run(), seal.ledgerSeq(), "the run's seal does not follow the one before it"));
        } else if (!seal.isIntact()) {
            faults.add(new Fault(seal.run(), seal.ledgerSeq(), "the run's seal was changed"));
        } else if (!seal.ledgerHash().equals(seal.lineHash())) {
            faults.add(new Fault(seal.run(), seal.ledgerSeq(), "the run ended with this line, and it is not there"));
        }
    }

    /** Some lines of a run, and what their digests are now. */
    private record Page(List<LedgerLine> lines, Map<Integer, String> keys) {}

    private static final Page NOTHING = new Page(List.of(), Map.of());

    /** Most runs have a line or a few: what many of them begin with is asked for at once. */
    private void check(List<LedgerRepository.Head> heads, List<Fault> faults, long[] linesAndRows) {
        List<LedgerRepository.Head> together = new ArrayList<>();
        int lines = 0;
        for (LedgerRepository.Head head : heads) {
            int first = part(head, 0).last();
            if (lines + first > LINES_AT_ONCE) {
                checkTogether(together, faults, linesAndRows);
                together.clear();
                lines = 0;
            }
            together.add(head);
            lines += first;
        }
        checkTogether(together, faults, linesAndRows);
    }

    private void checkTogether(List<LedgerRepository.Head> heads, List<Fault> faults, long[] linesAndRows) {
        Map<UUID, Page> begin = pages(heads.stream().map(head -> part(head, 0)).toList());
        heads.forEach(head -> check(head, begin.getOrDefault(head.run(), NOTHING), faults, linesAndRows));
    }

    private static LedgerRepository.Part part(LedgerRepository.Head head, int after) {
        return new LedgerRepository.Part(head.run(), after, Math.min(head.seq(), after + LINES_AT_ONCE));
    }

    private Map<UUID, Page> pages(List<LedgerRepository.Part> parts) {
        return transactions.run("cleanup.ledger-verify", DEADLINE, Duration.ofSeconds(1), session -> {
            Map<UUID, Map<Integer, String>> sums = erasures.sums(session, parts);
            Map<UUID, Page> pages = new HashMap<>();
            ledger.lines(session, parts)
                    .forEach((run, lines) -> pages.put(run, new Page(lines, sums.getOrDefault(run, Map.of()))));
            return pages;
        });
    }

    /**
     * Up to the line that the run's row named as it was read: a batch may commit meanwhile, and what there is up to that line stays as
     * it is. So no snapshot has to be kept that would keep the dead rows of the whole database.
     */
    private void check(LedgerRepository.Head head, Page begin, List<Fault> faults, long[] linesAndRows) {
        int seq = 0;
        long rows = 0;
        String hash = null;
        Page page = begin;
        while (!page.lines().isEmpty()) {
            for (LedgerLine line : page.lines()) {
                String before = hash == null ? LedgerLine.BEGINNING : hash;
                if (line.seq() != seq + 1) {
                    faults.add(new Fault(head.run(), seq + 1, "the line is missing"));
                } else if (!line.prevHash().equals(before)) {
                    faults.add(new Fault(head.run(), line.seq(), "it does not follow the line before it"));
                } else if (!line.isIntact()) {
                    faults.add(new Fault(head.run(), line.seq(), "it was changed"));
                } else if (!areAsTheyWere(line.keys(), page.keys().get(line.seq()))) {
                    faults.add(new Fault(head.run(), line.seq(), "the digests of its keys were changed"));
                }
                seq = line.seq();
                hash = line.hash();
                rows += line.rows();
                linesAndRows[0]++;
            }
            page = seq < head.seq() ? pages(List.of(part(head, seq))).getOrDefault(head.run(), NOTHING) : NOTHING;
        }
        linesAndRows[1] += rows;
        if (seq != head.seq() || !Objects.equals(hash, head.hash()) || head.surplus()) {
            faults.add(new Fault(head.run(), head.seq(), "the run's last line is not the one that its row names"));
        } else if (rows != head.rowsDeleted()) {
            faults.add(new Fault(head.run(), head.seq(), "the lines' rows are not the run's"));
        }
    }

    /** Lines of before do not say which key made their digests. */
    private static boolean areAsTheyWere(@Nullable String said, @Nullable String there) {
        if (said == null || there == null || said.contains(":")) {
            return Objects.equals(said, there);
        }
        return there.endsWith(":" + said);
    }
}
