package io.pgcaretaker.cleanup.notice;

import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Notice;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.NoticeStatements;
import io.pgcaretaker.outbox.MailGateway;
import io.pgcaretaker.outbox.MailGateway.Fault;
import io.pgcaretaker.outbox.MailGateway.Outcome;
import io.pgcaretaker.outbox.MailIntent;
import io.pgcaretaker.outbox.MailReceipt;
import io.pgcaretaker.outbox.MailReceipts;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Brings one notice a step further: hands its mail over, or asks what became of it. Whom it is for is read anew each time
 * and kept nowhere.
 */
final class NoticeDelivery {

    private static final Logger LOG = Logger.getLogger(NoticeDelivery.class);

    static final String TEMPLATE = "deletion-notice";

    /** An answer that will be the same until somebody changes something. */
    private static final Duration LONG_PAUSE = Duration.ofHours(1);

    /** The same, of a mail that email-service took and the mail server did not: each is another one. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private static final Duration FIRST_LOOK = Duration.ofSeconds(5);
    private static final Duration LONGEST_LOOK = Duration.ofMinutes(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    /** What is not known of a mail by then will never be known. */
    private static final Duration PATIENCE = Duration.ofDays(14);

    /** email-service's word for that. What it can still try has another, and comes to an end by itself. */
    private static final String UNKNOWN = "unknown";

    private final NoticeClaimRepository notices = new NoticeClaimRepository();
    private final Transactions transactions;
    private final MailGateway gateway;
    private final MailReceipts receipts;
    private final LinkKey keys;
    private final String links;

    /**
     * @param links what a token is put behind to make a link
     */
    NoticeDelivery(Transactions transactions, MailGateway gateway, MailReceipts receipts, LinkKey keys, String links) {
        this.transactions = transactions;
        this.gateway = gateway;
        this.receipts = receipts;
        this.keys = keys;
        this.links = links;
    }

    /** Statements in a transaction of their own. */
    private interface Change {
        void in(Session session) throws SQLException;
    }

    private record Recipient(
            @Nullable String address, @Nullable String name, Instant deletedAt, boolean held) {

        Recipient {
            address = address == null ? null : bare(address);
        }

        /**
         * Without what is around it, as a form or an import left it there: a line's end, a tab, a blank that does not break. To
         * email-service such an address is none, and who cannot be told is never purged, or untold.
         */
        private static String bare(String address) {
            int from = 0;
            int to = address.length();
            while (from < to && isBlank(address.charAt(from))) {
                from++;
            }
            while (from < to && isBlank(address.charAt(to - 1))) {
                to--;
            }
            return address.substring(from, to);
        }

        /** Those without a width, too: nobody sees them. */
        private static boolean isBlank(char c) {
            return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u200B' || c == '\uFEFF';
        }
    }

    /** False when email-service is not there: the others can wait too. */
    boolean step(ArmedPolicy armed, OpenNotice notice) {
        return notice.emailId() == null
                ? handOver(armed, notice)
                : look(armed, notice, Objects.requireNonNull(notice.emailId()));
    }

    private boolean handOver(ArmedPolicy armed, OpenNotice claimed) {
        Optional<Recipient> found = recipient(armed, claimed);
        if (found.isEmpty()) {
            change(session -> notices.withdraw(session, claimed.id()));
            return true;
        }
        Recipient recipient = found.get();
        String address = recipient.address();
        if (recipient.held()) {
            change(session -> notices.later(session, claimed, LONG_PAUSE));
            return true;
        }
        if (address == null || address.isEmpty()) {
            undeliverable(armed, claimed, "no-address");
            return true;
        }
        OpenNotice notice = current(armed, claimed);
        Outcome outcome = gateway.handOver(mail(notice, address, recipient));
        if (outcome instanceof Outcome.Accepted accepted) {
            change(session -> notices.accepted(session, notice, accepted.emailId(), FIRST_LOOK));
            return true;
        }
        if (outcome instanceof Outcome.Rejected rejected) {
            rejected(armed, notice, rejected);
            // What is wrong with the link, or with this service, is wrong with all of them.
            return rejected.fault() != Fault.OTHER;
        }
        change(session -> notices.later(session, notice, pause(notice.attempt())));
        LOG.warnf(
                "deletion notices wait, email-service does not take mail policy=%s reason=%s",
                armed.policy().name(), ((Outcome.Unavailable) outcome).reason());
        return false;
    }

    private void rejected(ArmedPolicy armed, OpenNotice notice, Outcome.Rejected rejected) {
        switch (rejected.fault()) {
            case ADDRESS -> undeliverable(armed, notice, "bad-address");
            // An earlier hand-over was taken and its answer lost, and the address or name has changed since.
            case ANOTHER_MAIL -> renew(armed, notice);
            case OTHER -> {
                LOG.errorf(
                        "email-service refuses deletion notices, nobody is purged without policy=%s status=%d reason=%s",
                        armed.policy().name(), rejected.status(), rejected.reason());
                change(session -> notices.later(session, notice, LONG_PAUSE));
            }
        }
    }

    private MailIntent mail(OpenNotice notice, String address, Recipient recipient) {
        String name = recipient.name();
        return new MailIntent(
                notice.idempotencyKey(),
                List.of(address),
                TEMPLATE,
                Map.of(
                        "name",
                        name == null || name.isBlank() ? "there" : name,
                        "deletedAt",
                        recipient.deletedAt().toString(),
                        "purgeAt",
                        notice.purgeAt().toString(),
                        "restoreUrl",
                        links + keys.tokens().of(notice.id())));
    }

    /** A mail that has waited so long that its day is near, or past, gets another day: nobody has read it yet. */
    private OpenNotice current(ArmedPolicy armed, OpenNotice notice) {
        Instant promised = notice(armed).before().end(notice.now());
        Duration half = Duration.between(notice.now(), promised).dividedBy(2);
        return notice.purgeAt().isBefore(notice.now().plus(half)) ? renew(armed, notice) : notice;
    }

    private OpenNotice renew(ArmedPolicy armed, OpenNotice notice) {
        return renew(armed, notice, FIRST_LOOK);
    }

    private OpenNotice renew(ArmedPolicy armed, OpenNotice notice, Duration pause) {
        Instant purgeAt =
                NoticeOpening.later(notice.purgeAt(), notice(armed).before().end(notice.now()));
        boolean renewed = transactions.run("cleanup.notice-renew", session -> {
            notices.later(session, notice, pause);
            return notices.renew(session, notice, purgeAt);
        });
        return renewed ? notice.renewed(purgeAt) : notice;
    }

    private boolean look(ArmedPolicy armed, OpenNotice notice, String emailId) {
        MailReceipt receipt = receipts.look(emailId);
        switch (receipt.state()) {
            case DELIVERED -> change(session -> notices.settle(session, notice, null, promised(armed, notice)));
            case UNDELIVERABLE -> undeliverable(armed, notice, receipt.word());
            case REFUSED -> refused(armed, notice);
            case UNTRIED, MISSING -> renew(armed, notice);
            case PENDING -> pending(armed, notice, receipt.word());
            case NO_ANSWER -> change(session -> notices.later(session, notice, LONGEST_LOOK));
        }
        return receipt.state() != MailReceipt.State.NO_ANSWER;
    }

    /** Whoever is told of a day by a mail that no server takes has not been told: another mail, each time later. */
    private void refused(ArmedPolicy armed, OpenNotice notice) {
        Duration doubled = LONG_PAUSE.multipliedBy(1L << Math.min(notice.edition() - 1, 10));
        Duration pause = doubled.compareTo(LONGEST_WAIT) < 0 ? doubled : LONGEST_WAIT;
        renew(armed, notice, pause);
        LOG.warnf(
                "a deletion notice was refused, and not for its address; its row stays until one is delivered policy=%s"
                        + " notice=%s email=%s again=%s",
                armed.policy().name(), notice.id(), notice.emailId(), pause);
    }

    private void pending(ArmedPolicy armed, OpenNotice notice, String word) {
        Instant accepted = notice.acceptedAt() == null ? notice.now() : notice.acceptedAt();
        Duration waited = Duration.between(accepted, notice.now());
        if (waited.compareTo(PATIENCE) > 0 && word.equals(UNKNOWN)) {
            undeliverable(armed, notice, UNKNOWN);
            return;
        }
        Duration pause = waited.compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : waited;
        change(session -> notices.later(session, notice, pause.compareTo(FIRST_LOOK) < 0 ? FIRST_LOOK : pause));
    }

    private void undeliverable(ArmedPolicy armed, OpenNotice notice, String reason) {
        boolean hold = notice(armed).undeliverable() == Notice.Undeliverable.HOLD;
        change(session -> notices.settle(session, notice, reason, hold ? null : promised(armed, notice)));
        LOG.warnf(
                "deletion notice cannot be delivered policy=%s notice=%s reason=%s then=%s",
                armed.policy().name(), notice.id(), reason, hold ? "hold" : "purge");
    }

    /** The day in the mail, and never less than the notice's time from now on: late mail delays the purge. */
    private static Instant promised(ArmedPolicy armed, OpenNotice notice) {
        return NoticeOpening.later(notice.purgeAt(), notice(armed).before().end(notice.now()));
    }

    private static Notice notice(ArmedPolicy armed) {
        return Objects.requireNonNull(armed.policy().notice());
    }

    /** Empty: its row is not as it was; nor is it where its key cannot be one any more. */
    private Optional<Recipient> recipient(ArmedPolicy armed, OpenNotice notice) {
        try {
            return found(armed, notice);
        } catch (DatabaseFailure e) {
            if (e.isBadValue()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Optional<Recipient> found(ArmedPolicy armed, OpenNotice notice) {
        return transactions.run(
                "cleanup.notice-recipient",
                session -> session.first(
                        new NoticeStatements(armed)
                                .recipient(session, new RowKey(armed.key(), notice.key()), notice.age()),
                        row -> new Recipient(
                                row.getString("address"),
                                row.getString("name"),
                                row.getTimestamp("age").toInstant(),
                                row.getBoolean("held"))));
    }

    private void change(Change change) {
        transactions.run("cleanup.notice-record", session -> {
            change.in(session);
            return true;
        });
    }

    private static Duration pause(int attempt) {
        Duration doubled = FIRST_LOOK.multipliedBy(1L << Math.min(attempt, 10));
        return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }
}
