package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerLine;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import io.pgcaretaker.cleanup.plan.Cursor;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * One transaction: the fence, the deletes, the cursor, the counters and the ledger line commit together or not at all.
 */
final class Batch {

    private final Transactions transactions;
    private final RunRepository runs;
    private final RunProgress progress = new RunProgress();
    private final LedgerRepository ledger;
    private final CleanupConfig config;

    Batch(Transactions transactions, RunRepository runs, LedgerRepository ledger, CleanupConfig config) {
        this.transactions = transactions;
        this.runs = runs;
        this.ledger = ledger;
        this.config = config;
    }

    BatchOutcome run(Claimed run, ArmedPolicy armed, Removal removal, int units, boolean careful) {
        try {
            return transactions.runLazily(
                    "cleanup.batch",
                    config.statementTimeout(),
                    config.lockTimeout(),
                    session -> work(session, run, armed, removal, units, careful));
        } catch (Removal.TooManyException e) {
            return new BatchOutcome.TooMany();
        }
    }

    private BatchOutcome work(
            Session session, Claimed run, ArmedPolicy armed, Removal removal, int units, boolean careful)
            throws SQLException {
        Optional<Claimed.Position> fence =
                runs.lock(session, run, armed.table().name().quoted());
        if (fence.isEmpty()) {
            return new BatchOutcome.Fenced();
        }
        Claimed.Position position = fence.get();
        if (position.stopped()) {
            return new BatchOutcome.Stopped();
        }
        SortedMap<String, Long> tables = RunJson.counts(position.tables());
        long begin = System.nanoTime();
        Optional<Removal.Taken> taken = removal.take(session, position, units, careful);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        if (taken.isEmpty()) {
            return passDone(position, armed, tables);
        }
        Map<String, Long> gone = taken.get().rows();
        gone.forEach((table, count) -> tables.merge(table, count, Long::sum));
        record(session, run, position, taken.get(), tables, units);
        return new BatchOutcome.Done(
                units,
                gone,
                took,
                taken.get().last() ? Optional.of(passDone(position, armed, tables)) : Optional.empty());
    }

    private static BatchOutcome.PassDone passDone(
            Claimed.Position position, ArmedPolicy armed, Map<String, Long> tables) {
        Long gone = tables.getOrDefault(armed.table().name().toString(), 0L);
        return new BatchOutcome.PassDone(position.secondPass(), gone.equals(position.matched()));
    }

    private void record(
            Session session,
            Claimed run,
            Claimed.Position position,
            Removal.Taken taken,
            SortedMap<String, Long> tables,
            int units)
            throws SQLException {
        long rows = taken.rows().values().stream().mapToLong(Long::longValue).sum();
        if (rows == 0) {
            session.update(progress.advance(run, step(position, taken.next(), tables, units)));
            return;
        }
        LedgerLine line = LedgerLine.after(
                position.ledgerHash(),
                run.id(),
                position.ledgerSeq() + 1,
                position.now(),
                new LedgerLine.Entry(
                        run.policy(),
                        RunJson.json(RunJson.sorted(taken.rows())),
                        rows,
                        taken.archive(),
                        taken.erased()));
        RunProgress.Step step =
                new RunProgress.Step(taken.next(), tables, rows, units, line.seq(), line.hash(), config.lease());
        session.updateTogether(List.of(ledger.addition(line), progress.advance(run, step)));
        if (taken.erased() != null) {
            ledger.addErased(session, line, taken.erased());
        }
    }

    /** Without a row that went. */
    private RunProgress.Step step(
            Claimed.Position position, @Nullable Cursor next, SortedMap<String, Long> tables, int units) {
        return new RunProgress.Step(
                next, tables, 0, units, position.ledgerSeq(), position.ledgerHash(), config.lease());
    }

    /** Moves the cursor past what stays locked; the second pass, or the next run, comes back to it. */
    void skip(Claimed run, Removal removal) {
        transactions.run("cleanup.skip", session -> {
            Optional<Claimed.Position> fence = runs.lock(session, run);
            if (fence.isPresent()) {
                Claimed.Position position = fence.get();
                Optional<Cursor> beyond = removal.beyond(session, position);
                if (beyond.isPresent()) {
                    session.update(
                            progress.advance(run, step(position, beyond.get(), RunJson.counts(position.tables()), 1)));
                }
            }
            return fence.isPresent();
        });
    }
}
