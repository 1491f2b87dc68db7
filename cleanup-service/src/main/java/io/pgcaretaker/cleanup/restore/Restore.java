package io.pgcaretaker.cleanup.restore;

import io.pgcaretaker.cleanup.catalogue.IndexRepository;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.notice.NoticeRepository;
import io.pgcaretaker.cleanup.plan.Fragments;
import io.pgcaretaker.cleanup.plan.Windows;
import io.pgcaretaker.cleanup.policy.Condition;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Undoes a soft deletion inside the window. The row is locked first, as the purge does, so exactly one of the two gets
 * it; whether a unique value is taken is answered by the unique indexes themselves.
 */
final class Restore {

    private final Transactions transactions;
    private final IndexRepository indexes;
    private final NoticeRepository notices = new NoticeRepository();

    Restore(Transactions transactions, IndexRepository indexes) {
        this.transactions = transactions;
        this.indexes = indexes;
    }

    /**
     * What is restored.
     *
     * @param age in microseconds, where only that very deletion is to be undone; absent: whichever it is
     */
    record Wanted(
            RetentionPolicy policy,
            Table table,
            RowKey key,
            @Nullable Long age) {}

    RestoreOutcome restore(Wanted wanted) {
        Table table = wanted.table();
        try {
            return transactions.run("cleanup.restore", session -> work(session, wanted));
        } catch (DatabaseFailure e) {
            if (e.isUniqueViolation()) {
                return new RestoreOutcome.Taken(taken(table, e.constraint() == null ? "" : e.constraint()));
            }
            if (e.isBadValue()) {
                return new RestoreOutcome.BadKey();
            }
            if (e.asksForLess()) {
                return new RestoreOutcome.Busy();
            }
            throw e;
        }
    }

    private record State(boolean deleted, boolean over, boolean meant) {}

    private RestoreOutcome work(Session session, Wanted wanted) throws SQLException {
        RetentionPolicy policy = wanted.policy();
        Table table = wanted.table();
        Optional<State> state = look(session, wanted);
        if (state.isEmpty() || !state.get().meant()) {
            return new RestoreOutcome.Gone();
        }
        if (!state.get().deleted()) {
            return new RestoreOutcome.NotDeleted();
        }
        if (state.get().over()) {
            return new RestoreOutcome.WindowOver();
        }
        String assignments = policy.restore().stream()
                .map(undo -> TableName.quote(undo.column()) + " = " + value(undo.to()))
                .collect(Collectors.joining(", "));
        session.update(Sql.format(
                """
                /* caretaker.cleanup.restore */
                update %s as t
                set %s
                where %s
                """,
                Sql.of(table.name().quoted()), Sql.of(assignments), wanted.key().matches(table)));
        notices.restored(session, table, wanted.key());
        return new RestoreOutcome.Restored();
    }

    private static Optional<State> look(Session session, Wanted wanted) throws SQLException {
        RetentionPolicy policy = wanted.policy();
        Table table = wanted.table();
        Instant now = session.first(
                        Sql.of("/* caretaker.cleanup.clock */ select clock_timestamp()"),
                        row -> row.getTimestamp(1).toInstant())
                .orElseThrow();
        Instant cutoff = policy.retention().cutoff(now.atZone(ZoneOffset.UTC)).toInstant();
        Windows windows = new Windows(policy, table, wanted.key().columns());
        List<Sql> deleted = new ArrayList<>();
        deleted.add(Sql.of(Fragments.column("t", policy.age().column()) + " is not null"));
        policy.filter().forEach(condition -> deleted.add(Fragments.condition(table, condition)));
        return session.first(
                Sql.format(
                        """
                        /* caretaker.cleanup.restore-look */
                        select
                          coalesce(%s, false) as deleted,
                          coalesce(%s, false) as over,
                          coalesce(%s, false) as meant
                        from %s as t
                        where %s
                        for update
                        """,
                        Fragments.join(deleted, " and "),
                        windows.over(cutoff),
                        wanted.age() == null ? Sql.of("true") : windows.deletedAt(wanted.age()),
                        Sql.of(table.name().quoted()),
                        wanted.key().matches(table)),
                row -> new State(row.getBoolean("deleted"), row.getBoolean("over"), row.getBoolean("meant")));
    }

    private static String value(Condition.Is is) {
        return switch (is) {
            case TRUE -> "true";
            case FALSE -> "false";
            case NULL -> "null";
            case NOT_NULL -> throw new IllegalStateException("no undo sets a column to not-null");
        };
    }

    private String taken(Table table, String index) {
        return transactions
                .run("cleanup.restore-index", session -> indexes.indexedBy(session, table.oid(), index))
                .orElse(index);
    }
}
