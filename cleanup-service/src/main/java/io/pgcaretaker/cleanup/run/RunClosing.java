package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.throttle.ThrottlePolicy;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Ends a run: its state, its reason and its mail commit together. */
public final class RunClosing {

    private static final Logger LOG = Logger.getLogger(RunClosing.class);

    private final Transactions transactions;
    private final RunRepository runs;
    private final RunReports reports;
    private final Policies policies;
    private final CleanupMetrics metrics;
    private final Duration longestTableRest;

    public RunClosing(
            Transactions transactions,
            RunRepository runs,
            RunReports reports,
            Policies policies,
            CleanupMetrics metrics,
            Duration longestTableRest) {
        this.transactions = transactions;
        this.runs = runs;
        this.reports = reports;
        this.policies = policies;
        this.metrics = metrics;
        this.longestTableRest = longestTableRest;
    }

    /**
     * How a run ends. {@code matched} and {@code tables} are left as they are when absent.
     *
     * @param longest its longest transaction, as far as the one who ends it has seen
     */
    public record End(
            RunState state,
            StopReason reason,
            @Nullable String detail,
            @Nullable Long matched,
            long skipped,
            @Nullable Map<String, Long> tables,
            Duration longest) {

        public End(
                RunState state,
                StopReason reason,
                @Nullable String detail,
                @Nullable Long matched,
                long skipped,
                @Nullable Map<String, Long> tables) {
            this(state, reason, detail, matched, skipped, tables, Duration.ZERO);
        }

        public End with(Duration longestTransaction) {
            return new End(state, reason, detail, matched, skipped, tables, longestTransaction);
        }

        public static End of(RunState state, StopReason reason, @Nullable String detail) {
            return new End(state, reason, detail, null, 0, null);
        }
    }

    /** The run as it was closed. */
    record Closed(Instant startedAt, Instant finishedAt, Instant cutoff, long deleted, long matched, String tables) {}

    public void close(Claimed run, End end) {
        Optional<Closed> closed = transactions.run("cleanup.close", session -> {
            if (runs.lock(session, run).isEmpty()) {
                return Optional.<Closed>empty();
            }
            Closed row = write(session, run, end);
            if (end.state() == RunState.NEEDS_APPROVAL) {
                runs.supersede(session, run);
            }
            reports.add(session, run, end, row, anonymises(run));
            return Optional.of(row);
        });
        closed.ifPresent(row -> tell(run, end, row));
    }

    /** Not its end: somebody has locked what it needs, and the worker has time for other runs until it looks again. */
    public void giveBack(Claimed run) {
        transactions.run("cleanup.give-back", session -> {
            runs.defer(session, run, session.now().plus(longestTableRest), ThrottlePolicy.Reason.LOCK_QUEUE.wireName());
            return true;
        });
    }

    private static Closed write(Session session, Claimed run, End end) throws SQLException {
        return session.first(
                        Sql.of(
                                        """
                                /* caretaker.cleanup.run-close */
                                update caretaker.cleanup_run
                                set state = ?,
                                    stop_reason = ?,
                                    stop_detail = nullif(?, ''),
                                    rows_matched = coalesce(cast(nullif(?, '') as bigint), rows_matched),
                                    rows_skipped = ?,
                                    tables = coalesce(cast(nullif(?, '') as jsonb), tables),
                                    longest_batch_ms = greatest(longest_batch_ms, ?),
                                    finished_at = clock_timestamp(),
                                    throttle = null,
                                    lease_until = null
                                where id = cast(? as uuid)
                                returning started_at, finished_at, coalesce(cutoff, started_at) as cutoff,
                                  rows_deleted, coalesce(rows_matched, 0) as matched, tables
                                """,
                                        end.state().wireName(),
                                        end.reason().wireName(),
                                        end.detail() == null ? "" : end.detail(),
                                        end.matched() == null
                                                ? ""
                                                : end.matched().toString(),
                                        end.skipped(),
                                        end.tables() == null ? "" : RunJson.json(end.tables()),
                                        end.longest().toMillis(),
                                        run.id().toString())
                                .plannedOnce(),
                        row -> new Closed(
                                row.getTimestamp("started_at").toInstant(),
                                row.getTimestamp("finished_at").toInstant(),
                                row.getTimestamp("cutoff").toInstant(),
                                row.getLong("rows_deleted"),
                                row.getLong("matched"),
                                row.getString("tables")))
                .orElseThrow(() -> new SQLException("the run's row has gone", "02000"));
    }

    /** Its rows stay, and what told of whom they were is masked. */
    private boolean anonymises(Claimed run) {
        return anonymises(policies, run);
    }

    static boolean anonymises(Policies policies, Claimed run) {
        return policies.find(run.policy())
                .filter(policy -> policy.action().is(Action.Kind.ANONYMISE))
                .isPresent();
    }

    private void tell(Claimed run, End end, Closed row) {
        Duration took = Duration.between(row.startedAt(), row.finishedAt());
        metrics.runEnded(
                run.policy(),
                run.mode().wireName(),
                end.state().wireName(),
                end.reason().wireName(),
                took.isNegative() ? Duration.ZERO : took);
        String line =
                "run ended policy=%s run=%s mode=%s state=%s reason=%s matched=%d %s=%d skipped=%d seconds=%d detail=%s"
                        .formatted(
                                run.policy(),
                                run.id(),
                                run.mode().wireName(),
                                end.state().wireName(),
                                end.reason().wireName(),
                                row.matched(),
                                anonymises(run) ? "anonymised" : "deleted",
                                row.deleted(),
                                end.skipped(),
                                took.toSeconds(),
                                end.detail());
        if (end.state() != RunState.COMPLETED) {
            LOG.warn(line);
        } else if (row.deleted() > 0 || row.matched() > 0) {
            LOG.info(line);
        }
    }
}
