package io.pgcaretaker.cleanup.restore;

import io.pgcaretaker.cleanup.catalogue.IndexRepository;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.Fragments;
import io.pgcaretaker.cleanup.policy.Condition;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Undoes a soft deletion inside the window. The row is locked first, as the purge does, so exactly one of the two gets
 * it; whether a unique value is taken is answered by the unique indexes themselves.
 */
final class Restore {

    private final Transactions transactions;
    private final IndexRepository indexes;

    Restore(Transactions transactions, IndexRepository indexes) {
        this.transactions = transactions;
        this.indexes = indexes;
    }

    RestoreOutcome restore(RetentionPolicy policy, Table table, RowKey key) {
        try {
            return transactions.run("cleanup.restore", session -> work(session, policy, table, key));
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

    private record State(boolean deleted, boolean over) {}

    private RestoreOutcome work(Session session, RetentionPolicy policy, Table table, RowKey key) throws SQLException {
        Optional<State> state = look(session, policy, table, key);
        if (state.isEmpty()) {
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
        session.update(Sql.format("""
                /* caretaker.cleanup.restore */
                update %s as t
                set %s
                where %s
                """, Sql.of(table.name().quoted()), Sql.of(assignments), key.matches(table)));
        return new RestoreOutcome.Restored();
    }

    private static Optional<State> look(Session session, RetentionPolicy policy, Table table, RowKey key)
            throws SQLException {
        Instant now = session.first(
                        Sql.of("/* caretaker.cleanup.clock */ select clock_timestamp()"),
                        row -> row.getTimestamp(1).toInstant())
                .orElseThrow();
        Instant cutoff = policy.retention().cutoff(now.atZone(ZoneOffset.UTC)).toInstant();
        String age = Fragments.column("t", policy.age().column());
        List<Sql> deleted = new ArrayList<>();
        deleted.add(Sql.of(age + " is not null"));
        policy.filter().forEach(condition -> deleted.add(Fragments.condition(table, condition)));
        return session.first(
                Sql.format(
                        """
                        /* caretaker.cleanup.restore-look */
                        select
                          coalesce(%s, false) as deleted,
                          coalesce(%s < %s, false) as over
                        from %s as t
                        where %s
                        for update
                        """,
                        Fragments.join(deleted, " and "),
                        Sql.of(age),
                        Fragments.cutoff(table, policy.age(), cutoff),
                        Sql.of(table.name().quoted()),
                        key.matches(table)),
                row -> new State(row.getBoolean("deleted"), row.getBoolean("over")));
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
