package io.pgcaretaker.cleanup.restore;

import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.IndexRepository;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.notice.NoticeRepository;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.statement.Dependent;
import io.pgcaretaker.cleanup.statement.RestoreStatements;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Undoes a soft deletion inside the window: the row and what was soft-deleted with it, all or nothing. The row is locked
 * first, as the purge does, so exactly one of the two gets it; whether a unique value is taken is answered by the unique
 * indexes themselves.
 */
final class Restore {

    /** All or nothing: an account with millions of rows takes minutes, and would else be purged although its user came back in time. */
    private static final Duration DEADLINE = Duration.ofMinutes(10);

    private static final Duration LOCK = Duration.ofSeconds(2);

    private final Transactions transactions;
    private final Preflight preflight;
    private final IndexRepository indexes = new IndexRepository();
    private final CatalogueRepository catalogue = new CatalogueRepository();
    private final NoticeRepository notices = new NoticeRepository();

    Restore(Transactions transactions, Preflight preflight) {
        this.transactions = transactions;
        this.preflight = preflight;
    }

    /**
     * What is restored.
     *
     * @param age in microseconds, where only that very deletion is to be undone; absent: whichever it is
     * @param rehearsal everything is tried and nothing kept
     */
    record Wanted(
            RetentionPolicy policy,
            Table table,
            RowKey key,
            @Nullable Long age,
            boolean rehearsal) {}

    /** Takes back what was tried. */
    private static final class TakenBackException extends RuntimeException {
        private final transient RestoreOutcome outcome;

        TakenBackException(RestoreOutcome outcome) {
            super("taken back", null, false, false);
            this.outcome = outcome;
        }
    }

    RestoreOutcome restore(Wanted wanted) {
        return orRefused(wanted, () -> Optional.of(inTime(wanted))).orElseThrow();
    }

    private RestoreOutcome inTime(Wanted wanted) {
        try {
            return restored(wanted);
        } catch (DatabaseFailure e) {
            if (e.isDeadline()) {
                return new RestoreOutcome.Refused("what was deleted with it takes longer than " + DEADLINE.toMinutes()
                        + " minutes to come back, or somebody cancelled it");
            }
            throw e;
        }
    }

    /** What a look alone, which locks nothing, sees in the way of a restore. */
    Optional<RestoreOutcome> hindrance(Wanted wanted) {
        RestoreStatements statements = new RestoreStatements(wanted.policy(), wanted.table(), wanted.key());
        return orRefused(
                wanted,
                () -> transactions.run(
                        "cleanup.restore-look",
                        session -> hindrance(lookByKey(session, wanted, statements, statements::look))));
    }

    private RestoreOutcome restored(Wanted wanted) {
        Optional<List<Dependent>> found = wanted.policy().restoreDependents().isEmpty()
                ? Optional.of(List.of())
                : preflight.dependents(wanted.policy(), wanted.table());
        if (found.isEmpty()) {
            return new RestoreOutcome.Refused(
                    "too many chains of foreign keys lead to what was deleted with it; the policy's plan says more");
        }
        List<Dependent> dependents = found.get();
        // All or nothing: what is not reached any more, or not seen, would stay deleted, and nobody would be told.
        List<String> hindrances = RestoreStatements.hindrances(wanted.policy(), dependents);
        if (!hindrances.isEmpty()) {
            return new RestoreOutcome.Refused(String.join("; ", hindrances));
        }
        return transactions.run("cleanup.restore", DEADLINE, LOCK, session -> {
            RestoreOutcome outcome = work(session, wanted, dependents);
            if (wanted.rehearsal()) {
                // What would be looked at by the commit, which does not come.
                session.update(Sql.of("/* caretaker.cleanup.restore-rehearsed */ set constraints all immediate"));
                throw new TakenBackException(outcome);
            }
            return outcome;
        });
    }

    private Optional<RestoreOutcome> orRefused(Wanted wanted, Supplier<Optional<RestoreOutcome>> outcome) {
        try {
            return outcome.get();
        } catch (TakenBackException e) {
            return Optional.of(e.outcome);
        } catch (DatabaseFailure e) {
            if (e.isTaken()) {
                return Optional.of(new RestoreOutcome.Taken(taken(wanted.table(), e)));
            }
            if (e.isRetryable()) {
                return Optional.of(new RestoreOutcome.Busy());
            }
            if (e.isPassing() || e.isReadOnly() || e.isInternal()) {
                throw e;
            }
            return Optional.of(new RestoreOutcome.Refused(refusal(e)));
        }
    }

    private static String refusal(DatabaseFailure failure) {
        if (failure.isConstraintViolation()) {
            return "it is not as its table wants it ("
                    + (failure.constraint() == null ? "a column that must not be null" : failure.constraint()) + ")";
        }
        return "PostgreSQL, or a trigger of its table, refuses it (SQL state " + failure.sqlState()
                + "); PostgreSQL's log has its sentence";
    }

    private record State(boolean deleted, boolean over, boolean meant, boolean partly) {}

    private RestoreOutcome work(Session session, Wanted wanted, List<Dependent> dependents) throws SQLException {
        RestoreStatements statements = new RestoreStatements(wanted.policy(), wanted.table(), wanted.key());
        Optional<RestoreOutcome> hindrance = hindrance(lookByKey(session, wanted, statements, statements::lock));
        if (hindrance.isPresent()) {
            return hindrance.get();
        }
        TreeMap<String, Long> rows = new TreeMap<>();
        for (Dependent dependent : dependents) {
            for (Sql restore : statements.restore(dependent)) {
                rows.merge(dependent.table().name().toString(), (long) session.update(restore), Long::sum);
            }
        }
        int restored = session.update(statements.restore());
        if (restored == 0) {
            throw new TakenBackException(
                    new RestoreOutcome.Refused("a trigger or a rule of its table kept it as it is"));
        }
        rows.merge(wanted.table().name().toString(), (long) restored, Long::sum);
        notices.restored(session, wanted.table(), wanted.key());
        return new RestoreOutcome.Restored(rows);
    }

    private static Optional<RestoreOutcome> hindrance(Optional<State> state) {
        if (state.isEmpty()) {
            return Optional.of(new RestoreOutcome.Gone());
        }
        // Before the question which deletion it is: a row that somebody else brought back has none.
        if (!state.get().deleted()) {
            return Optional.of(new RestoreOutcome.NotDeleted());
        }
        if (!state.get().meant()) {
            return Optional.of(new RestoreOutcome.Gone());
        }
        if (state.get().over()) {
            return Optional.of(new RestoreOutcome.WindowOver());
        }
        return state.get().partly()
                ? Optional.of(new RestoreOutcome.Refused(
                        "a purge had begun with it before its window was opened again, and a part of what depends on it has"
                                + " gone for good"))
                : Optional.empty();
    }

    /** Only here is the key read; a value that is refused later is not the caller's. */
    private static Optional<State> lookByKey(
            Session session, Wanted wanted, RestoreStatements statements, BiFunction<Instant, Sql, Sql> look)
            throws SQLException {
        try {
            return look(session, wanted, statements, look);
        } catch (SQLException e) {
            if (new DatabaseFailure("cleanup.restore", e).isBadValue()) {
                throw new TakenBackException(new RestoreOutcome.BadKey());
            }
            throw e;
        }
    }

    private static Optional<State> look(
            Session session, Wanted wanted, RestoreStatements statements, BiFunction<Instant, Sql, Sql> look)
            throws SQLException {
        Instant now = session.now();
        Instant cutoff =
                wanted.policy().retention().cutoff(now.atZone(ZoneOffset.UTC)).toInstant();
        Sql meant = wanted.age() == null ? Sql.of("true") : statements.deletedAt(wanted.age());
        return session.first(
                look.apply(cutoff, meant),
                row -> new State(
                        row.getBoolean("deleted"),
                        row.getBoolean("over"),
                        row.getBoolean("meant"),
                        row.getBoolean("partly")));
    }

    /** What another row has: in words of the index, and of the table where it is not the policy's. */
    private String taken(Table root, DatabaseFailure failure) {
        String index = failure.constraint() == null ? "" : failure.constraint();
        String table = failure.table();
        if (table == null || table.equals(root.name().table())) {
            return indexedBy(root.oid(), index);
        }
        List<Long> found =
                transactions.run("cleanup.restore-table", session -> catalogue.find(session, failure.schema(), table));
        return table + ": " + (found.size() == 1 ? indexedBy(found.get(0), index) : index);
    }

    private String indexedBy(long table, String index) {
        return transactions
                .run("cleanup.restore-index", session -> indexes.indexedBy(session, table, index))
                .orElse(index);
    }
}
