package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.plan.Census;
import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.removal.ArchivedSweep;
import io.pgcaretaker.cleanup.removal.LockedRows;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunClosing;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import io.pgcaretaker.cleanup.run.RunState;
import io.pgcaretaker.cleanup.run.StopReason;
import io.pgcaretaker.problem.DatabaseProblem;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Carries one claimed run from where it stands to its end. Whatever happens, the run's row says it. */
final class Engine {

    private static final Logger LOG = Logger.getLogger(Engine.class);

    private final Policies policies;
    private final Entrance entrance;
    private final Census census;
    private final Batches batches;
    private final RunClosing closing;
    private final Heartbeat heartbeat;

    /** Errors of ours whose trace was logged, by policy. */
    private final Set<String> bugs = ConcurrentHashMap.newKeySet();

    Engine(
            Policies policies,
            Entrance entrance,
            Census census,
            Batches batches,
            RunClosing closing,
            Heartbeat heartbeat) {
        this.policies = policies;
        this.entrance = entrance;
        this.census = census;
        this.batches = batches;
        this.closing = closing;
        this.heartbeat = heartbeat;
    }

    void execute(Claimed run) {
        try {
            carry(run).ifPresent(end -> closing.close(run, end));
        } catch (DatabaseFailure e) {
            if (e.isConnectionLoss()) {
                // What was committed stands in the run's row: whoever takes over after the lease reads it there.
                LOG.warnf(
                        "run left until its lease ends, no database policy=%s run=%s cause=%s",
                        run.policy(), run.id(), why(e));
                LOG.debug("the same, with its trace", e);
                return;
            }
            if (e.isLockTimeout()) {
                closing.giveBack(run);
                return;
            }
            if (!e.isOutOfResources() || !entrance.putOff(run, e)) {
                fail(run, e);
            }
        } catch (LockedRows.KeptException e) {
            closing.close(run, End.of(RunState.FAILED, StopReason.ROWS_KEPT, e.getMessage()));
        } catch (SchemaDrift.FoundException | ArchivedSweep.ColumnsChangedException e) {
            closing.close(run, End.of(RunState.FAILED, StopReason.PREFLIGHT, e.getMessage()));
        } catch (ArchivedSweep.NotWrittenException e) {
            trace(run, e);
            closing.close(run, End.of(RunState.FAILED, StopReason.ARCHIVE_ERROR, e.getMessage()));
        } catch (RuntimeException e) {
            if (bugs.add(run.policy() + bug(e))) {
                LOG.errorf(e, "run failed policy=%s run=%s", run.policy(), run.id());
            } else {
                trace(run, e);
            }
            closing.close(
                    run,
                    End.of(
                            RunState.FAILED,
                            StopReason.INTERNAL_ERROR,
                            e.getMessage() == null ? bug(e) : e.getMessage()));
        }
    }

    /** The line of the run's end says why: a policy of a minute would fill the log with traces. */
    private static void trace(Claimed run, Exception e) {
        LOG.debugf(e, "run failed policy=%s run=%s", run.policy(), run.id());
    }

    /** What and where, and no value. */
    private static String bug(RuntimeException e) {
        StackTraceElement[] trace = e.getStackTrace();
        return e.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]);
    }

    private static String why(DatabaseFailure e) {
        return DatabaseProblem.notLetIn(e.sqlState()).orElseGet(e::getMessage);
    }

    /** A database that takes no writes does not take this either: whoever takes the run over when it does, goes on. */
    private void fail(Claimed run, DatabaseFailure failure) {
        try {
            closing.close(
                    run,
                    End.of(
                            RunState.FAILED,
                            StopReason.DATABASE_ERROR,
                            failure.getMessage()
                                    + failure.remedy()
                                            .map(remedy -> "; " + remedy)
                                            .orElse("")));
        } catch (DatabaseFailure e) {
            if (failure.isReadOnly() && e.isReadOnly()) {
                LOG.warnf("run left, the database takes no writes policy=%s run=%s", run.policy(), run.id());
                return;
            }
            e.addSuppressed(failure);
            throw e;
        }
        trace(run, failure);
    }

    /** How it ended; empty when somebody else owns it now. */
    private Optional<End> carry(Claimed claimed) {
        Optional<RetentionPolicy> policy = policies.find(claimed.policy());
        RunStart.Adoption adoption =
                policy.map(present -> entrance.adopt(claimed, present)).orElseGet(() -> entrance.leave(claimed));
        if (adoption instanceof RunStart.Adoption.Left) {
            return Optional.empty();
        }
        if (!(adoption instanceof RunStart.Adoption.Ours ours)) {
            closing.close(
                    claimed,
                    End.of(
                            RunState.CANCELLED,
                            StopReason.POLICY_CHANGED,
                            "the policy is not the one that this run began with; the next run applies the new one"));
            policy.ifPresent(present -> entrance.reopen(claimed, present));
            return Optional.empty();
        }
        Claimed run = ours.run();
        Entrance.Outcome outcome = heartbeat.during(run, () -> entrance.enter(run, policy.orElseThrow()));
        if (outcome instanceof Entrance.Outcome.Entered entered) {
            return run.mode() == Mode.SHADOW
                    ? Optional.of(heartbeat.during(run, () -> rehearse(entered)))
                    : batches.run(entered);
        }
        return outcome instanceof Entrance.Outcome.TurnedAway away ? Optional.of(away.end()) : Optional.empty();
    }

    /** Shadow mode: the same predicate and cutoff, and nothing but counts. */
    private End rehearse(Entrance.Outcome.Entered entered) {
        TreeMap<String, Long> tables = new TreeMap<>();
        census.dependents(entered.armed(), entered.statements())
                .forEach((table, rows) -> rows.ifPresent(count -> tables.put(table, count)));
        tables.merge(entered.armed().table().name().toString(), entered.matched(), Long::sum);
        tables.values().removeIf(count -> count == 0);
        return new End(RunState.COMPLETED, StopReason.DONE, entered.remark(), entered.matched(), 0, tables);
    }
}
