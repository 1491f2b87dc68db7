package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What an operator asks of runs: begin, pause, resume, cancel, approve. The worker obeys at the next batch. */
public final class RunRequests {

    private final Transactions transactions;
    private final RunOpening opening;
    private final Policies policies;
    private final RunReports reports;

    public RunRequests(Transactions transactions, RunOpening opening, Policies policies, RunReports reports) {
        this.transactions = transactions;
        this.opening = opening;
        this.policies = policies;
        this.reports = reports;
    }

    /** What came of a request. */
    public sealed interface Outcome {
        /** This run: opened now, or by the same key before, or changed. */
        record Done(UUID run) implements Outcome {}

        /** A run of the policy is open already. */
        record Busy(UUID run) implements Outcome {}

        /** The idempotency key was given for another policy. */
        record KeyTaken(String policy) implements Outcome {}

        /** The run is in a state in which this cannot be asked. */
        record WrongState(String state) implements Outcome {}

        /** It is not of the policy as it is here: nobody would carry it on. */
        record OtherVersion(String policy) implements Outcome {}

        record NotFound() implements Outcome {}
    }

    public Outcome begin(RetentionPolicy policy, String requestedBy, @Nullable String key) {
        return transactions.run("cleanup.run-request", session -> {
            if (key != null) {
                Optional<Map.Entry<String, UUID>> before = opening.findByKey(session, key);
                if (before.isPresent()) {
                    return before.get().getKey().equals(policy.name())
                            ? new Outcome.Done(before.get().getValue())
                            : new Outcome.KeyTaken(before.get().getKey());
                }
            }
            Optional<UUID> opened = opening.openManual(session, policy, requestedBy, key);
            return opened.isPresent() ? new Outcome.Done(opened.get()) : busy(session, policy, key);
        });
    }

    /** Nothing was opened: another run is open, or the same request came twice at one time. */
    private Outcome busy(Session session, RetentionPolicy policy, @Nullable String key) throws SQLException {
        if (key != null) {
            Optional<Map.Entry<String, UUID>> twin = opening.findByKey(session, key);
            if (twin.isPresent()) {
                return new Outcome.Done(twin.get().getValue());
            }
        }
        return session.first(
                        Sql.of("""
                                /* caretaker.cleanup.run-open-of */
                                select id
                                from caretaker.cleanup_run
                                where policy = ?
                                  and state in ('waiting', 'running', 'paused')
                                """, policy.name()), row -> (Outcome) new Outcome.Busy(row.getObject(1, UUID.class)))
                .orElseGet(() -> new Outcome.WrongState("just ended"));
    }

    /** Who did it stays with the run, as of every other act: of several operators each must see whose it was. */
    public Outcome pause(UUID run, String by) {
        return change(run, "state = 'paused', stop_detail = 'paused by ' || ?", "'waiting', 'running'", by);
    }

    public Outcome resume(UUID run) {
        return transactions.run("cleanup.run-change", session -> {
            Optional<Outcome> other = otherVersion(session, run, "paused");
            return other.isPresent()
                    ? other.get()
                    : change(session, run, "state = 'waiting', stop_detail = null", "'paused'");
        });
    }

    public Outcome cancel(UUID run, String by) {
        return transactions.run("cleanup.run-change", session -> {
            Outcome outcome = change(session, run, """
                    state = 'cancelled', stop_reason = 'cancelled', stop_detail = concat_ws('; ', 'by ' || ?, stop_detail),
                    finished_at = clock_timestamp(), throttle = null""", "'waiting', 'running', 'paused', 'needs-approval'", by);
            if (outcome instanceof Outcome.Done) {
                reports.addCancelled(session, run, policies);
            }
            return outcome;
        });
    }

    /** Lets a run through the breaker, up to so many rows. */
    public Outcome approve(UUID run, long maxRows, String by) {
        try {
            return transactions.run("cleanup.run-approve", session -> {
                Optional<Outcome> other = otherVersion(session, run, "needs-approval");
                return other.isPresent()
                        ? other.get()
                        : changed(session, run, Sql.of("""
                                /* caretaker.cleanup.run-approve */
                                update caretaker.cleanup_run r
                                set state = 'waiting',
                                    approved_by = ?,
                                    approved_max_rows = ?,
                                    stop_reason = null,
                                    stop_detail = null,
                                    finished_at = null
                                where id = cast(? as uuid)
                                  and state = 'needs-approval'
                                  and not exists (
                                    select 1
                                    from caretaker.cleanup_run o
                                    where o.policy = r.policy
                                      and o.state in ('waiting', 'running', 'paused'))
                                """, by, maxRows, run.toString()));
            });
        } catch (DatabaseFailure e) {
            if (e.isUniqueViolation()) {
                // A slot's run was opened at the same moment.
                return new Outcome.WrongState("needs-approval");
            }
            throw e;
        }
    }

    private Optional<Outcome> otherVersion(Session session, UUID run, String state) throws SQLException {
        return session.first(Sql.of("""
                                /* caretaker.cleanup.run-version */
                                select policy, policy_hash
                                from caretaker.cleanup_run
                                where id = cast(? as uuid)
                                  and state = ?
                                """, run.toString(), state), row -> Map.entry(row.getString(1), row.getString(2)))
                .filter(version -> policies.find(version.getKey())
                        .filter(policy -> policy.hash().equals(version.getValue()))
                        .isEmpty())
                .map(version -> new Outcome.OtherVersion(version.getKey()));
    }

    /** The fence moves too: a worker that is amid the run can write nothing after this. */
    private Outcome change(UUID run, String assignments, String from, Object... values) {
        return transactions.run("cleanup.run-change", session -> change(session, run, assignments, from, values));
    }

    private static Outcome change(Session session, UUID run, String assignments, String from, Object... values)
            throws SQLException {
        List<Object> all = new ArrayList<>(List.of(values));
        all.add(run.toString());
        return changed(session, run, Sql.of("""
                                /* caretaker.cleanup.run-change */
                                update caretaker.cleanup_run
                                set %s,
                                    fence = fence + 1,
                                    lease_until = null
                                where id = cast(? as uuid)
                                  and state in (%s)
                                """.formatted(assignments, from), all.toArray()));
    }

    private static Outcome changed(Session session, UUID run, Sql change) throws SQLException {
        if (session.update(change) == 1) {
            return new Outcome.Done(run);
        }
        return session.first(
                        Sql.of(
                                "/* caretaker.cleanup.run-state */ select state from caretaker.cleanup_run where id = cast(? as uuid)",
                                run.toString()),
                        row -> (Outcome) new Outcome.WrongState(row.getString(1)))
                .orElseGet(Outcome.NotFound::new);
    }
}
