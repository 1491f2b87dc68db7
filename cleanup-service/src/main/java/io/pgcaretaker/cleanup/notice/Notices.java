package io.pgcaretaker.cleanup.notice;

import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.NoticeCensus;
import io.pgcaretaker.cleanup.policy.Notice;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.NoticeStatements;
import io.pgcaretaker.database.RepeatedFailure;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/** All deletion notices: who is told, by mail, and what became of it. Any number of replicas may do this at one time. */
final class Notices {

    /** Handed over in one go; with the longest answer of email-service still within the lease. */
    private static final int CLAIMED = 10;

    /** In one tick for one policy, so that the others have their turn. */
    private static final int MOST = 5_000;

    /** Notices whose rows are looked up in one transaction, and how many times that for one policy in one tick. */
    private static final int PAGE = 1_000;

    private static final int PAGES = 10;
    private static final UUID FIRST = new UUID(0, 0);

    private static final Logger LOG = Logger.getLogger(Notices.class);

    private final NoticeRepository notices = new NoticeRepository();
    private final NoticeClaimRepository claims = new NoticeClaimRepository();
    private final Policies policies;
    private final Preflight preflight;
    private final Transactions transactions;
    private final NoticeOpening opening;
    private final NoticeDelivery delivery;
    private final CleanupMetrics metrics;

    /** By policy: the notice up to which rows have been looked up. */
    private final Map<String, UUID> seen = new HashMap<>();

    /** By policy: what fails at each round, as all does on a standby, is told once. */
    private final Map<String, RepeatedFailure> failures = new HashMap<>();

    Notices(
            Policies policies,
            Preflight preflight,
            Transactions transactions,
            NoticeOpening opening,
            NoticeDelivery delivery,
            CleanupMetrics metrics) {
        this.policies = policies;
        this.preflight = preflight;
        this.transactions = transactions;
        this.opening = opening;
        this.delivery = delivery;
        this.metrics = metrics;
    }

    /** One round over all policies that tell somebody. */
    void tick(BooleanSupplier stopped) {
        for (RetentionPolicy policy : policies.all()) {
            if (policy.givesNotice()) {
                tick(policy, stopped);
            }
        }
    }

    /** What is in one policy's way is none of the others'. */
    private void tick(RetentionPolicy policy, BooleanSupplier stopped) {
        try {
            if (preflight.check(policy) instanceof Readiness.Armed armed) {
                round(armed.policy(), stopped);
                metrics.notices(
                        policy.name(),
                        transactions.run(
                                "cleanup.notice-counts", session -> NoticeCensus.open(session, policy.name())));
            }
            failure(policy).isOver();
        } catch (DatabaseFailure e) {
            if (stopped.getAsBoolean()) {
                // The end of the service took its connections; another round goes on where this one was.
                LOG.debugf(e, "deletion notices were cut short by the end of the service policy=%s", policy.name());
                return;
            }
            if (e.isConnectionLoss()) {
                throw e;
            }
            failure(policy).happened(e.sqlState(), e);
        }
    }

    private RepeatedFailure failure(RetentionPolicy policy) {
        return failures.computeIfAbsent(
                policy.name(),
                name -> new RepeatedFailure(LOG, "deletion notices failed, nobody is purged without policy=" + name));
    }

    private void round(ArmedPolicy armed, BooleanSupplier stopped) {
        Optional<Instant> now = opening.now(armed);
        if (now.isEmpty()) {
            return;
        }
        opening.open(armed, now.get());
        transactions.untilNone("cleanup.notice-undeliverable", session -> {
            Notice notice = Objects.requireNonNull(armed.policy().notice());
            return notice.undeliverable() == Notice.Undeliverable.PURGE
                    ? notices.letGo(session, armed, notice.before().end(session.now()))
                    : notices.holdBack(session, armed);
        });
        withdraw(armed);
        for (int taken = 0; taken < MOST && !stopped.getAsBoolean(); taken += CLAIMED) {
            List<OpenNotice> claimed =
                    transactions.run("cleanup.notice-claim", session -> claims.claim(session, armed, CLAIMED));
            if (!steps(armed, claimed, stopped)) {
                return;
            }
            if (claimed.size() < CLAIMED) {
                return;
            }
        }
    }

    /** False at the first that does not get through: those behind it are due as before, and do not wait for the lease. */
    private boolean steps(ArmedPolicy armed, List<OpenNotice> claimed, BooleanSupplier stopped) {
        for (int i = 0; i < claimed.size(); i++) {
            boolean begun = !stopped.getAsBoolean() && !isKilled();
            boolean through;
            try {
                through = begun && delivery.step(armed, claimed.get(i));
            } catch (DatabaseFailure e) {
                if (!e.isConnectionLoss()) {
                    giveBack(claimed.subList(i + 1, claimed.size()));
                }
                throw e;
            }
            if (!through) {
                giveBack(claimed.subList(begun ? i + 1 : i, claimed.size()));
                return false;
            }
        }
        return true;
    }

    private void giveBack(List<OpenNotice> untried) {
        transactions.run("cleanup.notice-give-back", session -> {
            for (OpenNotice notice : untried) {
                claims.giveBack(session, notice);
            }
            return untried.size();
        });
    }

    /**
     * Some at a time, in turn: each row is looked up, and they may be very many and none of them in memory. Nothing hurries, since
     * before a mail goes its row is looked at anyway.
     */
    private void withdraw(ArmedPolicy armed) {
        NoticeStatements statements = new NoticeStatements(armed);
        String policy = armed.policy().name();
        for (int pages = 0; pages < PAGES; pages++) {
            List<UUID> page = withdraw(statements, seen.getOrDefault(policy, FIRST));
            if (page.size() < PAGE) {
                seen.put(policy, FIRST);
                return;
            }
            seen.put(policy, page.get(PAGE - 1));
        }
    }

    private List<UUID> withdraw(NoticeStatements statements, UUID after) {
        List<UUID> page = transactions.run(
                "cleanup.notice-open-ids",
                session -> session.query(statements.open(after, PAGE), row -> row.getObject(1, UUID.class)));
        if (!page.isEmpty() && !withdraw(statements, page)) {
            for (UUID id : page) {
                if (!withdraw(statements, List.of(id))) {
                    transactions.run("cleanup.notice-withdraw", session -> claims.withdraw(session, id));
                }
            }
        }
        return page;
    }

    /** False: the key of one of them cannot be one any more, as after a migration gave its column another type. */
    private boolean withdraw(NoticeStatements statements, List<UUID> page) {
        try {
            transactions.run("cleanup.notice-withdraw", session -> session.update(statements.withdraw(page)));
            return true;
        } catch (DatabaseFailure e) {
            if (e.isBadValue()) {
                return false;
            }
            throw e;
        }
    }

    /** Looked at before each: several are claimed together, and a mail may take its time. */
    private boolean isKilled() {
        return transactions.run("cleanup.notice-switch", notices::isStopped);
    }
}
