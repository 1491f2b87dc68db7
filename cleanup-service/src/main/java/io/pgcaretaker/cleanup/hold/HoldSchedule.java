package io.pgcaretaker.cleanup.hold;

import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.hold.HeldTables.Held;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.database.RepeatedFailure;
import io.pgcaretaker.startup.DatabaseFirstReached;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Looks after the tables in which rows are held: a migration that builds one anew leaves the guard on the old one, a partition that
 * came later has none, and a table may be gone together with its name.
 */
@ApplicationScoped
class HoldSchedule {

    private static final Logger LOG = Logger.getLogger(HoldSchedule.class);

    private final RepeatedFailure notLooked = new RepeatedFailure(LOG, "tables with held rows were not looked at");
    private final Policies policies;
    private final Transactions transactions;
    private final CatalogueRepository catalogue = new CatalogueRepository();
    private final HoldGuard guard;
    private final CleanupMetrics metrics;
    private final Map<Held, String> told = new HashMap<>();

    HoldSchedule(Policies policies, Transactions transactions, CleanupMetrics metrics) {
        this.policies = policies;
        this.transactions = transactions;
        this.guard = new HoldGuard(transactions);
        this.metrics = metrics;
    }

    /** The database may be a restored one. */
    void lookFirst(@ObservesAsync DatabaseFirstReached event) {
        look();
    }

    @Scheduled(
            every = "{caretaker.cleanup.lag-interval}",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    synchronized void look() {
        try {
            transactions.untilNone("cleanup.hold-tables", HeldTables::find);
            List<Held> held = transactions.run("cleanup.held-tables", HeldTables::open);
            Map<String, Set<String>> byState = new HashMap<>();
            held.forEach(one -> byState.computeIfAbsent(state(one), state -> new HashSet<>())
                    .add(one.name()));
            // By the keys of two policies, where one of those is.
            byState.getOrDefault("guarded", new HashSet<>()).removeAll(byState.getOrDefault("unguarded", Set.of()));
            metrics.heldTables(byState);
            notLooked.isOver();
            told.keySet().retainAll(held);
        } catch (DatabaseFailure e) {
            notLooked.happened(e.sqlState(), e);
        }
    }

    private String state(Held held) {
        if (held.oid() == 0) {
            tell(
                    held,
                    "rows of a table are held, and there is no such table any more: what it is called now would lose them;"
                            + " place the holds anew where the rows are, and release those table=" + held.name());
            return "missing";
        }
        return unguarded(held).isEmpty() ? "guarded" : "unguarded";
    }

    /** What the table's owner has to run. */
    private Optional<String> unguarded(Held held) {
        Optional<Table> table = transactions.run("cleanup.table", session -> catalogue.table(session, held.oid()));
        List<String> subject =
                table.map(known -> known.subjectColumns(key(held))).orElse(List.of());
        // By which key its rows are held nobody knows: of a policy that is gone.
        if (table.isEmpty() || subject.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> left = held.mayGuard()
                ? guard.ensure(table.get(), subject)
                // Who may not would still lock the table to be told so.
                : Optional.of(guard.missing(table.get(), subject))
                        .filter(statements -> !statements.isEmpty())
                        .map(statements -> String.join("; ", statements));
        left.ifPresentOrElse(
                statements -> tell(
                        held,
                        "held rows of a table are not guarded against other clients; its owner may run run="
                                + statements),
                () -> told.remove(held));
        return left;
    }

    private List<String> key(Held held) {
        return policies.find(held.policy()).map(RetentionPolicy::key).orElse(List.of());
    }

    /** Once, as long as it is the same. */
    private void tell(Held held, String what) {
        if (!what.equals(told.put(held, what))) {
            LOG.warn(what);
        }
    }
}
