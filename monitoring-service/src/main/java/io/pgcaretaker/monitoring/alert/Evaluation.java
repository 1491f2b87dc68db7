package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.monitoring.collect.Contact;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Brings the incidents up to the present situation: one transaction under the lease, in which a state and the mail about
 * it are written together or not at all.
 */
public final class Evaluation {

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final DataSource database;
    private final List<Rule> rules;
    private final Lease lease;
    private final IncidentPolicy incidentPolicy;
    private final MailPolicy mailPolicy;
    private final IncidentRepository incidents = new IncidentRepository();
    private final IncidentWriter writer;
    private final SilenceRepository silences = new SilenceRepository();
    private final IncidentMails mails;

    /** What it works with. */
    record Tools(
            List<Rule> rules,
            Lease lease,
            IncidentPolicy incidentPolicy,
            MailPolicy mailPolicy,
            IncidentWriter writer,
            IncidentMails mails) {}

    Evaluation(DataSource database, Tools tools) {
        this.database = database;
        this.rules = List.copyOf(tools.rules());
        this.lease = tools.lease();
        this.incidentPolicy = tools.incidentPolicy();
        this.mailPolicy = tools.mailPolicy();
        this.writer = tools.writer();
        this.mails = tools.mails();
    }

    public EvaluationOutcome run(Situation situation) throws SQLException {
        List<Contact.Outage> outages = situation.contact().over();
        EvaluationOutcome outcome;
        try {
            outcome = Transaction.run(
                    database,
                    "alert-evaluate",
                    connection -> lease.acquire(connection)
                            ? lazilyIfNothingHappened(connection, evaluate(connection, situation, outages))
                            : EvaluationOutcome.NOT_HOLDER);
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return EvaluationOutcome.LOCKED;
            }
            throw e;
        }
        if (outcome.kind() == EvaluationOutcome.Kind.DONE) {
            situation.contact().written(outages);
        }
        return outcome;
    }

    /** So that another replica need not wait for the end of the lease. */
    void leave() throws SQLException {
        Transaction.run(database, "alert-leave", lease::release);
    }

    /**
     * A round that tells nobody anything need not wait for the disk, nor for a standby, every five seconds: a server that crashes
     * has a lease that ends a little sooner, and what was pending or last seen is found again by the next round.
     */
    private static EvaluationOutcome lazilyIfNothingHappened(Connection connection, EvaluationOutcome outcome)
            throws SQLException {
        if (outcome.opened() + outcome.resolved() + outcome.mails() == 0) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("/* caretaker.alert-lazily */ set local synchronous_commit = off");
            }
        }
        return outcome;
    }

    private EvaluationOutcome evaluate(Connection connection, Situation situation, List<Contact.Outage> outages)
            throws SQLException {
        Tally tally = new Tally();
        Instant now = situation.now();
        for (Contact.Outage outage : outages) {
            remember(connection, outage, now, tally);
        }
        if (!outages.isEmpty()) {
            // It may be closed in this same round: first the opening mail, then the closing one.
            mail(connection, incidents.open(connection), now, tally);
        }
        Map<String, OpenIncident> open = incidents.open(connection);
        for (Rule rule : rules) {
            step(connection, rule, open.get(rule.fingerprint()), situation, tally);
        }
        closingMail(connection, now, tally);
        mail(connection, incidents.open(connection), now, tally);
        return tally.outcome();
    }

    /** An outage could not be written while it lasted; it gets its true times, and is closed like any other incident. */
    private void remember(Connection connection, Contact.Outage outage, Instant now, Tally tally) throws SQLException {
        Rule rule = rules.stream()
                .filter(candidate -> candidate.name().equals(StandingRules.DATABASE_DOWN))
                .findFirst()
                .orElse(null);
        Instant end = outage.end() == null ? now : outage.end();
        if (rule == null || Duration.between(outage.start(), end).compareTo(rule.holdFor()) < 0) {
            return;
        }
        if (!incidents.knows(connection, rule.fingerprint(), outage, now)) {
            String length = Duration.between(outage.start(), end).toSeconds() + " s without an answer";
            Observation.Wrong wrong = new Observation.Wrong(
                    "The database did not answer", length, rule.holdFor().toSeconds() + " s");
            writer.insert(
                    connection, rule, wrong, outage.start(), outage.start().plus(rule.holdFor()), end, now);
            tally.opened++;
        }
    }

    private void step(Connection connection, Rule rule, @Nullable OpenIncident open, Situation situation, Tally tally)
            throws SQLException {
        Instant now = situation.now();
        IncidentPolicy.Step step = incidentPolicy.next(open, rule, rule.observe(situation), now);
        if (step instanceof IncidentPolicy.Step.Begin begin) {
            writer.insert(connection, rule, begin.wrong(), now, begin.firing() ? now : null, null, now);
            tally.opened += begin.firing() ? 1 : 0;
        }
        if (open == null) {
            return;
        }
        if (step instanceof IncidentPolicy.Step.Go go) {
            writer.go(connection, open.id(), go.wrong(), go.firing(), now);
            tally.opened += go.firing() && !open.firing() ? 1 : 0;
        } else if (step instanceof IncidentPolicy.Step.Wait) {
            writer.waitFor(connection, open.id(), now);
        } else if (step instanceof IncidentPolicy.Step.Forget) {
            writer.forget(connection, open.id());
        } else if (step instanceof IncidentPolicy.Step.Resolve resolve) {
            writer.resolve(connection, open.id(), resolve.at(), resolve.value());
            tally.resolved++;
            // Who was told that it opened is told that it is over, silenced or not; nobody else is.
            if (open.openingMailAt() != null && mails.hasRecipients()) {
                tally.closings.add(new IncidentMails.Closing(open, resolve.at(), resolve.value()));
            }
        }
    }

    private void mail(Connection connection, Map<String, OpenIncident> open, Instant now, Tally tally)
            throws SQLException {
        if (open.isEmpty() || !mails.hasRecipients()) {
            return;
        }
        Set<UUID> silenced = silences.silenced(connection, now);
        boolean down = open.values().stream().anyMatch(Evaluation::isOutage);
        Map<MailPolicy.Kind, List<OpenIncident>> due = new EnumMap<>(MailPolicy.Kind.class);
        for (OpenIncident incident : open.values()) {
            // While the database is down everything else follows from it: one mail says so.
            boolean inhibited = down && !incident.rule().equals(StandingRules.DATABASE_DOWN);
            MailPolicy.Kind kind = mailPolicy
                    .due(incident, inhibited || silenced.contains(incident.id()), now)
                    .orElse(null);
            if (kind != null) {
                due.computeIfAbsent(kind, any -> new ArrayList<>()).add(incident);
            }
        }
        for (Map.Entry<MailPolicy.Kind, List<OpenIncident>> together : due.entrySet()) {
            mails.told(connection, together.getKey(), together.getValue());
            for (OpenIncident incident : together.getValue()) {
                writer.mailed(connection, incident.id(), together.getKey(), now);
            }
            tally.mails++;
        }
    }

    private static boolean isOutage(OpenIncident incident) {
        return incident.firing() && incident.rule().equals(StandingRules.DATABASE_DOWN);
    }

    private void closingMail(Connection connection, Instant now, Tally tally) throws SQLException {
        if (tally.closings.isEmpty()) {
            return;
        }
        mails.closing(connection, tally.closings);
        for (IncidentMails.Closing closing : tally.closings) {
            writer.closed(connection, closing.incident().id(), now);
        }
        tally.mails++;
    }

    /** Counts on the way. */
    private static final class Tally {
        private int opened;
        private int resolved;
        private int mails;
        private final List<IncidentMails.Closing> closings = new ArrayList<>();

        private EvaluationOutcome outcome() {
            return new EvaluationOutcome(EvaluationOutcome.Kind.DONE, opened, resolved, mails);
        }
    }
}
