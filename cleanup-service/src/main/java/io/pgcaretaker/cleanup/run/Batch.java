package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerLine;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import io.pgcaretaker.cleanup.plan.Deletes;
import io.pgcaretaker.cleanup.plan.Dependent;
import io.pgcaretaker.cleanup.plan.Statements;
import io.pgcaretaker.cleanup.plan.Statements.Cursor;
import io.pgcaretaker.cleanup.plan.Statements.Locking;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One transaction: the fence, the pick, the deletes, the cursor, the counters and the ledger line commit together or not
 * at all.
 */
final class Batch {

    private final Transactions transactions;
    private final RunRepository runs;
    private final LedgerRepository ledger;
    private final CleanupConfig config;

    Batch(Transactions transactions, RunRepository runs, LedgerRepository ledger, CleanupConfig config) {
        this.transactions = transactions;
        this.runs = runs;
        this.ledger = ledger;
        this.config = config;
    }

    BatchOutcome run(Claimed run, ArmedPolicy armed, Statements statements, int rows) {
        try {
            return transactions.run(
                    "cleanup.batch",
                    config.statementTimeout(),
                    config.lockTimeout(),
                    session -> work(session, run, armed, statements, rows));
        } catch (Abandoned e) {
            return e.outcome;
        }
    }

    private BatchOutcome work(Session session, Claimed run, ArmedPolicy armed, Statements statements, int rows)
            throws SQLException {
        Optional<Claimed.Position> fence = runs.lock(session, run);
        if (fence.isEmpty()) {
            return new BatchOutcome.Fenced();
        }
        Claimed.Position position = fence.get();
        // The first pass leaves locked rows to the second, which waits for them.
        Locking locking = position.secondPass() ? Locking.WAIT : Locking.SKIP;
        List<Cursor> picked = pick(session, armed, statements, position, rows, locking);
        if (picked.isEmpty()) {
            return new BatchOutcome.PassDone(position.secondPass());
        }
        Map<String, Long> gone = new TreeMap<>();
        boolean whole = delete(session, armed, statements.deletes(), picked, gone);
        // Dependents of one row beyond what a transaction takes: the row itself and the cursor stay for the next one.
        Cursor cursor = whole ? picked.get(picked.size() - 1) : position.cursor();
        record(session, run, position, cursor, gone, rows);
        return new BatchOutcome.Deleted(picked.size(), gone);
    }

    private static List<Cursor> pick(
            Session session,
            ArmedPolicy armed,
            Statements statements,
            Claimed.Position position,
            int rows,
            Locking locking)
            throws SQLException {
        return session.query(statements.pick(position.cursor(), rows, locking), row -> {
            List<String> key = new ArrayList<>();
            for (int i = 0; i < armed.key().size(); i++) {
                key.add(row.getString(i + 2));
            }
            return new Cursor(row.getString(1), key);
        });
    }

    private static boolean delete(
            Session session, ArmedPolicy armed, Deletes deletes, List<Cursor> picked, Map<String, Long> gone)
            throws SQLException {
        List<List<String>> keys = picked.stream().map(Cursor::key).toList();
        for (int i = armed.dependents().size() - 1; i >= 0; i--) {
            Dependent dependent = armed.dependents().get(i);
            if (dependent.inner()) {
                session.query(deletes.lock(dependent, keys), row -> true);
            }
        }
        for (Dependent dependent : armed.dependents()) {
            long rows = session.update(deletes.deleteDependent(dependent, keys));
            if (rows > 0) {
                gone.merge(dependent.table().name().toString(), rows, Long::sum);
            }
            if (rows >= Deletes.MOST_DEPENDENTS
                    && !dependent.table().primaryKey().isEmpty()) {
                if (picked.size() > 1) {
                    throw new Abandoned(new BatchOutcome.TooMany());
                }
                return false;
            }
        }
        long rows = session.update(deletes.delete(keys));
        if (rows != picked.size()) {
            // The rows are locked and were picked by the same predicate: something else decides here.
            throw new IllegalStateException(
                    "picked " + picked.size() + " rows of " + armed.table().name() + " but deleted " + rows);
        }
        gone.merge(armed.table().name().toString(), rows, Long::sum);
        return true;
    }

    private void record(
            Session session,
            Claimed run,
            Claimed.Position position,
            @Nullable Cursor cursor,
            Map<String, Long> gone,
            int batchRows)
            throws SQLException {
        long rows = gone.values().stream().mapToLong(Long::longValue).sum();
        LedgerLine line = ledger.append(
                session,
                run.id(),
                position.ledgerSeq(),
                position.ledgerHash(),
                position.now(),
                run.policy(),
                RunRepository.json(gone),
                rows);
        SortedMap<String, Long> tables = RunRepository.counts(position.tables());
        gone.forEach((table, count) -> tables.merge(table, count, Long::sum));
        runs.advance(
                session,
                run,
                new RunRepository.Progress(cursor, tables, rows, batchRows, line.seq(), line.hash(), config.lease()));
    }

    /** Moves the cursor past one row that stays locked; the second pass, or the next run, comes back to it. */
    void skipOne(Claimed run, ArmedPolicy armed, Statements statements) {
        transactions.run("cleanup.skip", session -> {
            Optional<Claimed.Position> fence = runs.lock(session, run);
            if (fence.isPresent()) {
                Claimed.Position position = fence.get();
                List<Cursor> next = pick(session, armed, statements, position, 1, Locking.NONE);
                if (!next.isEmpty()) {
                    runs.advance(
                            session,
                            run,
                            new RunRepository.Progress(
                                    next.get(0),
                                    RunRepository.counts(position.tables()),
                                    0,
                                    1,
                                    position.ledgerSeq(),
                                    position.ledgerHash(),
                                    config.lease()));
                }
            }
            return fence.isPresent();
        });
    }

    /** Rolls the transaction back. */
    private static final class Abandoned extends RuntimeException {
        private final transient BatchOutcome outcome;

        Abandoned(BatchOutcome outcome) {
            super("abandoned", null, false, false);
            this.outcome = outcome;
        }
    }
}
