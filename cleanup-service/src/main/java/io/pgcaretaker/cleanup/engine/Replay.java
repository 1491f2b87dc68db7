package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.ErasureKey;
import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.cleanup.removal.KeyRemoval;
import io.pgcaretaker.cleanup.removal.LockedRows;
import io.pgcaretaker.cleanup.removal.Parts;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.run.RunClosing;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import io.pgcaretaker.cleanup.run.RunOpening;
import io.pgcaretaker.cleanup.run.RunState;
import io.pgcaretaker.cleanup.run.StopReason;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.KeyStatements;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Erases again what was erased before a backup was restored: goes through the policy's table and takes the rows whose key
 * has a known digest, in batches with ledger lines like any run. Held rows stay.
 */
final class Replay {

    private static final Logger LOG = Logger.getLogger(Replay.class);

    private static final int PAGE = 5_000;
    private static final int ROWS = 100;

    /** One page of keys is read quickly by the primary key. */
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Transactions transactions;
    private final Preflight preflight;
    private final Batch batch;
    private final RunClosing closing;
    private final CleanupConfig config;
    private final RunOpening opening = new RunOpening();

    Replay(Transactions transactions, Preflight preflight, Batch batch, RunClosing closing, CleanupConfig config) {
        this.transactions = transactions;
        this.preflight = preflight;
        this.batch = batch;
        this.closing = closing;
        this.config = config;
    }

    /** Which of these digests stand for something that was erased. */
    @FunctionalInterface
    interface Known {
        Set<String> among(Session session, List<String> digests) throws SQLException;
    }

    /** What came of it. */
    sealed interface Outcome {
        /**
         * Looked.
         *
         * @param matched rows that were erased before and are there
         * @param deleted of them; held ones stay
         * @param run absent: there was nothing to do, or it was only looked
         */
        record Replayed(
                long matched, long deleted, @Nullable UUID run) implements Outcome {}

        /**
         * Why not, or not all, for an operator.
         *
         * @param run absent: nothing was begun
         */
        record Refused(
                String why,
                long matched,
                long deleted,
                @Nullable UUID run) implements Outcome {
            Refused(String why) {
                this(why, 0, 0, null);
            }
        }
    }

    /** The policy's table as digests name it; empty: it is not there. */
    Optional<String> table(RetentionPolicy policy) {
        return preflight.table(policy).map(table -> table.name().toString());
    }

    /** Which columns the policy's key is of, as digests are told by it; empty: its table is not there. */
    Optional<String> columns(RetentionPolicy policy) {
        return preflight
                .table(policy)
                .map(table -> ErasureKey.columns(table, policy.key().isEmpty() ? table.primaryKey() : policy.key()));
    }

    Outcome replay(RetentionPolicy policy, ErasureKey key, Known known, boolean dryRun, String by) {
        Readiness readiness = preflight.check(policy);
        if (!(readiness instanceof Readiness.Armed armed)) {
            return new Outcome.Refused(String.join("; ", readiness.reasons()));
        }
        long most = policy.limits().maxRows();
        List<List<String>> matched = match(armed.policy(), key, known, most);
        if (matched.size() > most) {
            return new Outcome.Refused(
                    "more than " + most
                            + " rows were erased before, and the policy allows no more in one run; nothing was deleted",
                    matched.size(),
                    0,
                    null);
        }
        if (matched.isEmpty() || dryRun) {
            return new Outcome.Replayed(matched.size(), 0, null);
        }
        if (policy.mode() == Mode.SHADOW) {
            return new Outcome.Refused(
                    matched.size() + " rows that were erased before are there again, and stay: the policy"
                            + " is in shadow mode; set caretaker.cleanup.mode=enforce (CLEANUP_MODE), or the policy's own mode, and"
                            + " replay again",
                    matched.size(),
                    0,
                    null);
        }
        Optional<Claimed> run = transactions.run("cleanup.replay-open", session -> {
            // A worker looks for those between its runs, and one may take days.
            endAbandoned(session);
            return opening.openReplay(session, policy, by, config.lease());
        });
        if (run.isEmpty()) {
            return new Outcome.Refused(
                    "a run of the policy is not over yet; a replay that was broken off is over when its lease has ended ("
                            + config.lease().toSeconds() + " s)",
                    matched.size(),
                    0,
                    null);
        }
        return erase(run.get(), armed.policy(), key, matched);
    }

    private List<List<String>> match(ArmedPolicy armed, ErasureKey key, Known known, long most) {
        KeyStatements statements = new KeyStatements(armed);
        List<List<String>> matched = new ArrayList<>();
        List<List<String>> page = List.of();
        do {
            List<String> after = page.isEmpty() ? List.of() : page.get(page.size() - 1);
            page = transactions.run("cleanup.replay-look", DEADLINE, Duration.ofSeconds(1), session -> {
                List<List<String>> keys =
                        session.query(statements.page(after, PAGE), row -> KeyRemoval.key(armed, row));
                List<String> digests = keys.stream()
                        .map(one -> key.digest(armed.table().name(), one))
                        .toList();
                Set<String> erased = known.among(session, digests);
                for (int i = 0; i < keys.size(); i++) {
                    if (erased.contains(digests.get(i))) {
                        matched.add(keys.get(i));
                    }
                }
                return keys;
            });
        } while (page.size() == PAGE && matched.size() <= most);
        return matched;
    }

    /** What is in the way ends this policy's replay, with its run, and no other's. */
    private Outcome erase(Claimed run, ArmedPolicy armed, ErasureKey key, List<List<String>> matched) {
        Work work = new Work(run, armed, key, matched);
        try {
            return all(work);
        } catch (DatabaseFailure e) {
            if (e.isConnectionLoss()) {
                throw e;
            }
            LOG.errorf(e, "replay failed policy=%s run=%s", run.policy(), run.id());
            return failed(work, StopReason.DATABASE_ERROR, e);
        } catch (LockedRows.KeptException e) {
            return failed(work, StopReason.ROWS_KEPT, e);
        } catch (SchemaDrift.FoundException e) {
            return failed(work, StopReason.PREFLIGHT, e);
        }
    }

    private Outcome failed(Work work, StopReason reason, RuntimeException cause) {
        closing.close(work.run, End.of(RunState.FAILED, reason, cause.getMessage()));
        return work.refused(cause.getMessage() + " (run " + work.run.id() + " has what went before)");
    }

    /** One policy's, and how far it has come. */
    private static final class Work {
        private final Claimed run;
        private final ArmedPolicy armed;
        private final ErasureKey key;
        private final List<List<String>> matched;
        private long deleted;

        Work(Claimed run, ArmedPolicy armed, ErasureKey key, List<List<String>> matched) {
            this.run = run;
            this.armed = armed;
            this.key = key;
            this.matched = matched;
        }

        Outcome refused(String why) {
            return new Outcome.Refused(why, matched.size(), deleted, run.id());
        }
    }

    private Outcome all(Work work) {
        Claimed run = work.run;
        ArmedPolicy armed = work.armed;
        List<List<String>> matched = work.matched;
        KeyStatements statements = new KeyStatements(armed);
        Parts parts = new Parts(armed);
        int from = 0;
        int rows = ROWS;
        while (from < matched.size()) {
            int to = Math.min(from + rows, matched.size());
            BatchOutcome outcome = batch(
                    run,
                    armed,
                    new KeyRemoval(armed, statements, work.key, parts, matched.subList(from, to)),
                    to - from);
            if (outcome instanceof BatchOutcome.Done done) {
                work.deleted += done.rows().getOrDefault(armed.table().name().toString(), 0L);
            } else if (outcome instanceof BatchOutcome.PassDone) {
                from = to;
                rows = Math.min(ROWS, rows * 2);
            } else if (outcome instanceof BatchOutcome.TooMany) {
                rows = Math.max(1, rows / 2);
            } else {
                closing.close(run, End.of(RunState.CANCELLED, StopReason.CANCELLED, "stopped while it replayed"));
                return work.refused(
                        "stopped after " + work.deleted + " rows: the kill switch is set, or the run was cancelled");
            }
        }
        closing.close(
                run,
                new End(
                        RunState.COMPLETED,
                        StopReason.DONE,
                        "erased again what was erased before",
                        (long) matched.size(),
                        matched.size() - work.deleted,
                        null));
        return new Outcome.Replayed(matched.size(), work.deleted, run.id());
    }

    /** As often as any batch is tried; what takes too long, or somebody has locked, with fewer rows until it is one, and that in parts. */
    private BatchOutcome batch(Claimed run, ArmedPolicy armed, KeyRemoval removal, int rows) {
        for (int failures = 1; ; failures++) {
            try {
                return batch.run(run, armed, removal, ROWS, false);
            } catch (DatabaseFailure e) {
                if (e.asksForLess() && rows > 1) {
                    return new BatchOutcome.TooMany();
                }
                if (!e.isRetryable() || failures > RetryPolicy.MOST_RETRIES) {
                    throw e;
                }
            }
        }
    }

    /** Ends what a crash left, or somebody paused: nobody carries a replay on, it is begun anew. */
    static void endAbandoned(Session session) throws SQLException {
        session.update(Sql.of("""
                /* caretaker.cleanup.replay-abandoned */
                update caretaker.cleanup_run
                set state = 'failed',
                    stop_reason = 'internal-error',
                    stop_detail = 'the replay was broken off; begin it again',
                    finished_at = clock_timestamp(),
                    fence = fence + 1
                where trigger = 'replay'
                  and state in ('running', 'paused', 'waiting')
                  -- As in a claim: a later lease was written when the clock was ahead.
                  and (lease_until is null
                    or lease_until not between clock_timestamp() and clock_timestamp() + interval '2 hours')
                """));
    }
}
