package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerLine;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.removal.Removal;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunJson;
import io.pgcaretaker.cleanup.run.RunProgress;
import io.pgcaretaker.cleanup.run.RunRepository;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Cursor;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
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
        Optional<Claimed.Position> fence = runs.lock(session, run, armed);
        if (fence.isEmpty()) {
            return new BatchOutcome.Fenced();
        }
        Claimed.Position position = fence.get();
        if (position.stopped()) {
            return new BatchOutcome.Stopped();
        }
        Timed timed = Timed.take(removal, session, position, units, careful);
        return timed.taken() == null
                ? passDone(position, armed, RunJson.counts(position.tables()))
                : done(session, run, armed, position, timed, units, RunProgress.Guard.NONE);
    }

    /** What a window gave, and how long that took. */
    private record Timed(Removal.@Nullable Taken taken, Duration took) {
        static Timed take(Removal removal, Session session, Claimed.Position position, int units, boolean careful)
                throws SQLException {
            long begin = System.nanoTime();
            Optional<Removal.Taken> taken = removal.take(session, position, units, careful);
            return new Timed(taken.orElse(null), Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    private BatchOutcome done(
            Session session,
            Claimed run,
            ArmedPolicy armed,
            Claimed.Position position,
            Timed timed,
            int units,
            RunProgress.Guard guard)
            throws SQLException {
        Removal.Taken taken = Objects.requireNonNull(timed.taken());
        SortedMap<String, Long> tables = RunJson.counts(position.tables());
        long before = gone(armed, tables);
        taken.rows().forEach((table, count) -> tables.merge(table, count, Long::sum));
        if (!taken.rows().isEmpty()) {
            requireAllowed(run, armed, before, gone(armed, tables));
        }
        RunProgress.Step step = record(session, run, armed, position, taken, tables, units, guard);
        return new BatchOutcome.Done(
                taken.alone() ? 0 : units,
                taken.next(),
                taken.rows(),
                timed.took().minus(taken.keeping()),
                position.after(step),
                taken.last() ? Optional.of(passDone(position, armed, tables)) : Optional.empty());
    }

    /** Rows of the policy's own table. */
    static long gone(ArmedPolicy armed, Map<String, Long> tables) {
        return tables.getOrDefault(armed.table().name().toString(), 0L);
    }

    /**
     * The breaker has counted before the first row; what came to match later, while the run waited for its window or was
     * paused for days, it has not. A partition goes as a whole, counted before it is taken.
     */
    private static void requireAllowed(Claimed run, ArmedPolicy armed, long before, long gone) {
        long allowed = allowed(run, armed);
        boolean beyond = gone > allowed || before >= allowed;
        if (beyond && !armed.policy().action().is(Action.Kind.DROP_PARTITIONS)) {
            throw new BeyondLimitException(before, allowed);
        }
    }

    /** So many rows of the policy's table one run may take. */
    static long allowed(Claimed run, ArmedPolicy armed) {
        long approved = run.approvedMaxRows() == null ? 0 : run.approvedMaxRows();
        return Math.max(armed.policy().limits().maxRows(), approved);
    }

    /** Rolls the batch back: the run would take more rows than it may. */
    static final class BeyondLimitException extends RuntimeException {
        BeyondLimitException(long gone, long allowed) {
            super(gone + " rows have gone, and more have come to match than the " + allowed
                    + " that the policy, or an approval, allows this run");
        }
    }

    /** Only the fence, as a window behind another one begins. */
    void look(Claimed run, ArmedPolicy armed) {
        transactions.runLazily(
                "cleanup.batch-ready",
                config.statementTimeout(),
                config.lockTimeout(),
                session -> runs.look(session, run, armed));
    }

    /**
     * The window behind one that another session takes meanwhile.
     *
     * @param from where it begins: where the cursor must be when that one has committed
     * @param turn what the run's row says when that one has committed; empty: it has not
     */
    BatchOutcome runBehind(
            Claimed run,
            ArmedPolicy armed,
            Removal removal,
            Cursor.Block from,
            int units,
            CompletableFuture<Optional<Claimed.Position>> turn) {
        return transactions.runLazily(
                "cleanup.batch-behind",
                config.statementTimeout(),
                config.lockTimeout(),
                session -> behind(session, run, armed, removal, from, units, turn));
    }

    private BatchOutcome behind(
            Session session,
            Claimed run,
            ArmedPolicy armed,
            Removal removal,
            Cursor.Block from,
            int units,
            CompletableFuture<Optional<Claimed.Position>> turn)
            throws SQLException {
        Claimed.Position seen = runs.look(session, run, armed)
                .filter(position -> !position.stopped())
                .orElseThrow(OutOfTurnException::new);
        // The ledger line that comes between, which an archive's file is named by.
        int before = seen.ledgerSeq() + (from.equals(seen.cursor()) ? 0 : 1);
        Timed timed = Timed.take(removal, session, seen.at(from, before), units, false);
        Claimed.Position position = turn.join()
                .filter(now -> timed.taken() != null && from.equals(now.cursor()) && now.ledgerSeq() == before)
                .orElseThrow(OutOfTurnException::new);
        return done(session, run, armed, position, timed, units, RunProgress.Guard.STILL_THERE);
    }

    /** Rolls the batch back: the one before it did not commit, or the run is not where it should be. */
    private static final class OutOfTurnException extends RuntimeException {
        OutOfTurnException() {
            super("not its turn", null, false, false);
        }
    }

    private static BatchOutcome.PassDone passDone(
            Claimed.Position position, ArmedPolicy armed, Map<String, Long> tables) {
        Long matched = position.matched();
        return new BatchOutcome.PassDone(
                position.secondPass(),
                matched == null ? OptionalLong.empty() : OptionalLong.of(matched - gone(armed, tables)));
    }

    private RunProgress.Step record(
            Session session,
            Claimed run,
            ArmedPolicy armed,
            Claimed.Position position,
            Removal.Taken taken,
            SortedMap<String, Long> tables,
            int units,
            RunProgress.Guard guard)
            throws SQLException {
        long rows = taken.rows().values().stream().mapToLong(Long::longValue).sum();
        if (rows == 0) {
            RunProgress.Step step = step(position, taken.next(), tables, units);
            require(session.update(progress.advance(run, position, step, guard)));
            return step;
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
        Session.Changed<String> changed = session.update(
                List.of(progress.advance(run, position, step, guard), ledger.addition(line)),
                SchemaDrift.find(armed),
                row -> row.getString(1));
        SchemaDrift.refuse(changed.answer());
        require(changed.rows());
        if (taken.erased() != null) {
            ledger.addErased(session, line, taken.erased());
        }
        return step;
    }

    private static void require(int advanced) {
        if (advanced != 1) {
            throw new OutOfTurnException();
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
                    RunProgress.Step step = step(position, beyond.get(), RunJson.counts(position.tables()), 1);
                    session.update(progress.advance(run, position, step, RunProgress.Guard.NONE));
                }
            }
            return fence.isPresent();
        });
    }
}
