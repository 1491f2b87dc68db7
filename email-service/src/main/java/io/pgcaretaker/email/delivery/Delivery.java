package io.pgcaretaker.email.delivery;

import io.pgcaretaker.email.Kind;
import io.pgcaretaker.email.smtp.SendOutcome;
import io.pgcaretaker.email.smtp.SmtpServers;
import io.pgcaretaker.email.smtp.Transport;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Takes one claimed mail to its outcome. Knows no threads and no timers, and leaves the writing to its caller. */
final class Delivery {

    private static final Logger LOG = Logger.getLogger(Delivery.class);

    private final ClaimRepository claims;
    private final OutcomeRepository outcomes;
    private final MailLoader loader;
    private final RetryPolicy retries;
    private final AlertBudget budget;
    private final UnknownPolicy unknown;
    private final SmtpServers servers;
    private final DeliveryMetrics metrics;
    private final LongSupplier nanos = System::nanoTime;

    Delivery(
            ClaimRepository claims,
            OutcomeRepository outcomes,
            MailLoader loader,
            RetryPolicy retries,
            AlertBudget budget,
            UnknownPolicy unknown,
            SmtpServers servers,
            DeliveryMetrics metrics) {
        this.claims = claims;
        this.outcomes = outcomes;
        this.loader = loader;
        this.retries = retries;
        this.budget = budget;
        this.unknown = unknown;
        this.servers = servers;
        this.metrics = metrics;
    }

    /** Sends it; absent when the lease was lost before. */
    @Nullable
    Finish deliver(Claimed claimed, Transport transport, SmtpServers.Server server)
            throws SQLException, InterruptedException {
        MailLoader.Loaded loaded = loader.load(claimed);
        if (claimed.outcomeUnknown()) {
            Finish held = earlier(claimed, loaded);
            if (held != null) {
                return held;
            }
        }
        if (loaded instanceof MailLoader.Loaded.Fault fault) {
            return Finish.decided(claimed, fault.state(), fault.reason());
        }
        if (!budget.allows(claimed)) {
            return Finish.decided(
                    claimed, "digested", "over its recipient's budget of alerts an hour: told in a digest");
        }
        if (!claimed.begun() && !claims.begin(claimed)) {
            LOG.infof("lease lost before sending recipient=%d attempt=%d", claimed.recipientId(), claimed.attempt());
            return null;
        }
        long start = nanos.getAsLong();
        SendOutcome outcome = transport.send(((MailLoader.Loaded.Ready) loaded).mail());
        Duration duration = Duration.ofNanos(nanos.getAsLong() - start);
        metrics.attempted(outcome, server.name(), duration);
        return finish(claimed, server, outcome, AttemptLine.of(outcome, server.name(), duration));
    }

    /** An earlier attempt began and never told: counted, and held (then the end is given) or repeated. */
    private @Nullable Finish earlier(Claimed claimed, MailLoader.Loaded loaded) throws SQLException {
        metrics.foundUnknown();
        Kind kind = claimed.kind();
        LOG.warnf(
                "outcome of an earlier attempt is unknown email=%s recipient=%d then=%s",
                claimed.emailId(), claimed.recipientId(), unknown.of(kind));
        AttemptLine line =
                AttemptLine.decided("unknown", "the service ended between sending and writing the outcome down");
        if (unknown.of(kind) == Kind.OnUnknown.HOLD || loaded instanceof MailLoader.Loaded.Fault) {
            return Finish.end(claimed, "unknown", line, true);
        }
        outcomes.note(claimed, line);
        return null;
    }

    private Finish finish(Claimed claimed, SmtpServers.Server server, SendOutcome outcome, AttemptLine line) {
        if (outcome instanceof SendOutcome.TransportFault) {
            return transportFault(claimed, server, outcome, line);
        }
        server.circuit().worked();
        if (outcome instanceof SendOutcome.Sent) {
            return Finish.end(claimed, "sent", line, true);
        }
        if (outcome instanceof SendOutcome.Failed failed) {
            return new Finish(claimed, line, "failed", null, true, failed.suppress());
        }
        Duration pause = retries.pauseAfter(claimed.mail().attempts() + 1);
        if (outcome instanceof SendOutcome.Deferred) {
            return Finish.wait(claimed, "delayed", line, pause);
        }
        return unknown.of(claimed.kind()) == Kind.OnUnknown.HOLD
                ? Finish.end(claimed, "unknown", line, true)
                : Finish.wait(claimed, "unknown", line, pause);
    }

    /** Uses up no attempt, and no time where there is another way. */
    private Finish transportFault(Claimed claimed, SmtpServers.Server server, SendOutcome outcome, AttemptLine line) {
        String reason = outcome.stage().wireName() + ": " + outcome.reply().text();
        if (server.circuit().failed(reason)) {
            LOG.warnf(
                    "transport is at fault, it is left alone transport=%s pause=%s reason=%s",
                    server.name(), server.circuit().pauseLeft(), reason);
        }
        return new Finish(claimed, line, null, servers.pauseLeft(), false, false);
    }
}
