package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Fixes a run's cutoff once, by the database's clock, if that clock can be believed. */
final class RunStart {

    private final Transactions transactions;
    private final RunRepository runs;
    private final CleanupConfig config;
    private final Clock clock;

    RunStart(Transactions transactions, RunRepository runs, CleanupConfig config, Clock clock) {
        this.transactions = transactions;
        this.runs = runs;
        this.config = config;
        this.clock = clock;
    }

    /** What came of it. */
    sealed interface Outcome {
        record Fixed(Claimed run, Instant cutoff) implements Outcome {}

        record Refused(End end) implements Outcome {}

        /** Somebody else owns the run. */
        record Fenced() implements Outcome {}
    }

    /** The database's view of time. */
    private record Times(
            Instant now,
            boolean standby,
            @Nullable Instant lastCutoff,
            @Nullable Instant lastStart) {}

    Outcome fixCutoff(Claimed run, RetentionPolicy policy) {
        return transactions.runLazily("cleanup.start", session -> {
            if (runs.lock(session, run).isEmpty()) {
                return new Outcome.Fenced();
            }
            Times times = times(session, run);
            if (times.standby()) {
                return refused(StopReason.STANDBY, "the database is a standby, it takes no writes");
            }
            Instant cutoff = run.cutoff() != null
                    ? run.cutoff()
                    : policy.retention()
                            .cutoff(times.now().atZone(ZoneOffset.UTC))
                            .toInstant();
            return switch (verdict(run, policy, times, cutoff)) {
                case SKEW ->
                    refused(
                            StopReason.CLOCK_SKEW,
                            "the database's clock says " + times.now() + ", this process's " + clock.instant());
                case JUMP ->
                    refused(
                            StopReason.CLOCK_JUMP,
                            "the database's clock says " + times.now() + ", the last run's cutoff was "
                                    + times.lastCutoff());
                case PLAUSIBLE -> fixed(session, run, cutoff);
            };
        });
    }

    private ClockPolicy.Verdict verdict(Claimed run, RetentionPolicy policy, Times times, Instant cutoff) {
        // An operator who starts or approves a run by hand has looked: a leap since the last one is no reason then.
        boolean looked = run.manual() || run.approvedMaxRows() != null;
        return ClockPolicy.decide(
                times.now(),
                clock.instant(),
                config.maxClockSkew(),
                cutoff,
                looked ? null : times.lastCutoff(),
                times.lastStart(),
                policy.every());
    }

    private Outcome fixed(Session session, Claimed run, Instant cutoff) throws SQLException {
        if (run.cutoff() == null) {
            runs.fixCutoff(session, run, cutoff);
        }
        return new Outcome.Fixed(
                new Claimed(
                        run.id(),
                        run.policy(),
                        run.policyHash(),
                        run.mode(),
                        run.manual(),
                        run.fence(),
                        cutoff,
                        run.breakerPassed(),
                        run.approvedMaxRows()),
                cutoff);
    }

    private static Outcome refused(StopReason reason, String detail) {
        return new Outcome.Refused(End.of(RunState.REFUSED, reason, detail));
    }

    private static Times times(Session session, Claimed run) throws SQLException {
        return session.first(
                        Sql.of(
                                """
                                /* caretaker.cleanup.run-times */
                                select
                                  clock_timestamp(),
                                  pg_is_in_recovery(),
                                  max(cutoff) filter (where state = 'completed'),
                                  max(started_at) filter (where id <> cast(? as uuid))
                                from caretaker.cleanup_run
                                where policy = ?
                                  and mode = ?
                                """,
                                run.id().toString(),
                                run.policy(),
                                run.mode().wireName()),
                        row -> new Times(
                                row.getTimestamp(1).toInstant(),
                                row.getBoolean(2),
                                instant(row.getTimestamp(3)),
                                instant(row.getTimestamp(4))))
                .orElseThrow(() -> new SQLException("no row", "02000"));
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }
}
