package io.pgcaretaker.cleanup.notice;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.breaker.BreakerPolicy;
import io.pgcaretaker.cleanup.breaker.ClockPolicy;
import io.pgcaretaker.cleanup.breaker.RunHistory;
import io.pgcaretaker.cleanup.breaker.RunHistoryRepository;
import io.pgcaretaker.cleanup.breaker.RunTimes;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.Census;
import io.pgcaretaker.cleanup.plan.NoticeCensus;
import io.pgcaretaker.cleanup.policy.Limits;
import io.pgcaretaker.cleanup.policy.Notice;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.Retention;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Cursor;
import io.pgcaretaker.cleanup.statement.NoticeStatements;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Decides who is told: whoever will be purged within the notice's time and has no notice yet. */
final class NoticeOpening {

    private static final Logger LOG = Logger.getLogger(NoticeOpening.class);

    /** Notices in one transaction. */
    private static final int PAGE = 1_000;

    /** Whoever has been told already is passed to find whom nobody has: that may be very many rows, and none in memory. */
    private static final Duration LOOK = Duration.ofMinutes(1);

    private static final Duration LOCK = Duration.ofSeconds(2);

    private final NoticeRepository notices = new NoticeRepository();
    private final RunHistoryRepository histories = new RunHistoryRepository();
    private final Policies policies;
    private final Transactions transactions;
    private final Census census;
    private final CleanupMetrics metrics;
    private final CleanupConfig config;
    private final Clock clock;

    NoticeOpening(
            Policies policies,
            Transactions transactions,
            Census census,
            CleanupMetrics metrics,
            CleanupConfig config,
            Clock clock) {
        this.policies = policies;
        this.transactions = transactions;
        this.census = census;
        this.metrics = metrics;
        this.config = config;
        this.clock = clock;
    }

    /** The database's clock, if a run would go by it: a day is told by it, and what has passed since a delivery. */
    Optional<Instant> now(ArmedPolicy armed) {
        RetentionPolicy policy = armed.policy();
        RunTimes times = transactions.run(
                "cleanup.notice-clock",
                session -> histories.times(session, policy.name(), policy.mode(), Optional.empty()));
        Instant cutoff =
                policy.retention().cutoff(times.now().atZone(ZoneOffset.UTC)).toInstant();
        Optional<BreakerPolicy.Trip> trip =
                ClockPolicy.trip(times, clock.instant(), config.maxClockSkew(), cutoff, policy.every());
        trip.ifPresent(it -> LOG.warnf(
                "no notices, the clock may be wrong; where it is right, begin a run by hand policy=%s reason=%s detail=%s",
                policy.name(), it.verdict().wireName(), it.detail()));
        return trip.isPresent() ? Optional.empty() : Optional.of(times.now());
    }

    /** How many it decided on. */
    int open(ArmedPolicy armed, Instant now) {
        RetentionPolicy policy = armed.policy();
        Notice notice = Objects.requireNonNull(policy.notice());
        Instant cutoff = policy.retention()
                .cutoff(notice.before().end(now).atZone(ZoneOffset.UTC))
                .toInstant();
        long untold = transactions.run(
                "cleanup.notice-count-untold", LOOK, LOCK, session -> NoticeCensus.untold(session, armed, cutoff));
        if (untold == 0 || isUnconfirmed(armed) || trips(armed, untold)) {
            return 0;
        }
        int opened = 0;
        Page page = null;
        do {
            page = page(armed, notice, cutoff, now, page == null ? null : page.last());
            opened += page.opened();
        } while (page.last() != null);
        if (opened > 0) {
            LOG.infof("deletion notices opened policy=%s notices=%d", policy.name(), opened);
        }
        return opened;
    }

    /** A run waits for somebody's yes to a shorter retention, a wider filter or looser terms; until then nobody is told of a day that may be a slip. */
    private boolean isUnconfirmed(ArmedPolicy armed) {
        RetentionPolicy policy = armed.policy();
        RunHistory history = transactions.run(
                "cleanup.notice-history", session -> histories.history(session, armed, policies, Optional.empty()));
        if (!BreakerPolicy.isLooser(policy, history)) {
            return false;
        }
        LOG.warnf(
                "nobody is told, the retention is shorter, the filter wider or the terms looser than the last run's; approve the"
                        + " next one to confirm it policy=%s was=%s is=%s",
                policy.name(), history.retention(), policy.retention());
        return true;
    }

    /** Who tells too many would delete too many; nobody is told then, and nothing goes without. */
    private boolean trips(ArmedPolicy armed, long untold) {
        Limits limits = armed.policy().limits();
        if (BreakerPolicy.allows(limits, untold, census.tableRows(armed))) {
            return false;
        }
        metrics.breakerTripped(armed.policy().name(), "notices");
        LOG.errorf(
                "nobody is told, it would be more than the policy's limits allow policy=%s rows=%d maxRows=%d"
                        + " maxFraction=%s",
                armed.policy().name(), untold, limits.maxRows(), limits.maxFraction());
        return true;
    }

    /** @param last absent: there is no other page */
    private record Page(int opened, Cursor.@Nullable Row last) {
        static final Page NONE = new Page(0, null);
    }

    private Page page(ArmedPolicy armed, Notice notice, Instant cutoff, Instant now, Cursor.@Nullable Row after) {
        Retention retention = armed.policy().retention();
        Instant earliest = notice.before().end(now);
        return transactions.run("cleanup.notice-open", LOOK, LOCK, session -> {
            if (notices.isStopped(session)) {
                return Page.NONE;
            }
            List<NoticeRepository.Untold> rows = session.query(
                    new NoticeStatements(armed).untold(session, cutoff, after, PAGE),
                    row -> new NoticeRepository.Untold(
                            row.getString("subject_key"),
                            row.getLong("subject_age"),
                            later(
                                    earliest,
                                    retention.end(row.getTimestamp("age").toInstant())),
                            new Cursor.Row(
                                    row.getString("age_text"), NoticeRepository.key(row.getString("subject_key")))));
            if (rows.isEmpty()) {
                return Page.NONE;
            }
            int opened = notices.open(session, armed, rows);
            return new Page(
                    opened,
                    rows.size() < PAGE ? null : rows.get(rows.size() - 1).place());
        });
    }

    static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
