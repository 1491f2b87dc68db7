package io.pgcaretaker.email.delivery;

import io.pgcaretaker.email.Kind;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/** Takes one claimed mail to its outcome and writes that down. Knows no threads and no timers. */
final class Delivery {

    private static final Logger LOG = Logger.getLogger(Delivery.class);

    private final QueueRepository queue;
    private final MailLoader loader;
    private final RetryPolicy retries;
    private final Circuit circuit;
    private final DeliveryMetrics metrics;
    private final Duration lease;
    private final LongSupplier nanos;

    Delivery(
            QueueRepository queue,
            MailLoader loader,
            RetryPolicy retries,
            Circuit circuit,
            DeliveryMetrics metrics,
            Duration lease) {
        this.queue = queue;
        this.loader = loader;
        this.retries = retries;
        this.circuit = circuit;
        this.metrics = metrics;
        this.lease = lease;
        this.nanos = System::nanoTime;
    }

    /**
     * Sends it and commits what happened.
     *
     * @return false when the transport is at fault, so that what else was claimed had better wait
     */
    boolean deliver(Claimed claimed, Transport transport) throws SQLException, InterruptedException {
        Optional<MailLoader.Loaded> begun = loader.begin(claimed, lease);
        if (begun.isEmpty()) {
            LOG.infof("lease lost before sending recipient=%d attempt=%d", claimed.recipientId(), claimed.attempt());
            return true;
        }
        MailLoader.Loaded loaded = begun.get();
        if (claimed.outcomeUnknown() && endsUnknown(claimed, loaded)) {
            return true;
        }
        if (loaded.fault() != null) {
            end(claimed, ending(loaded.fault()));
            return true;
        }
        long start = nanos.getAsLong();
        SendOutcome outcome = transport.send(java.util.Objects.requireNonNull(loaded.mail()));
        Duration duration = Duration.ofNanos(nanos.getAsLong() - start);
        metrics.attempted(outcome, duration);
        return record(claimed, loaded, outcome, duration);
    }

    /** An earlier attempt began and never told: counted, and held or repeated as the kind has it. */
    private boolean endsUnknown(Claimed claimed, MailLoader.Loaded loaded) throws SQLException {
        metrics.foundUnknown();
        LOG.warnf(
                "outcome of an earlier attempt is unknown email=%s recipient=%d then=%s",
                claimed.emailId(), claimed.recipientId(), loaded.kind().onUnknown());
        AttemptLine line =
                AttemptLine.decided("unknown", "the service ended between sending and writing the outcome down");
        boolean held = loaded.kind().onUnknown() == Kind.OnUnknown.HOLD || loaded.fault() != null;
        if (held) {
            end(claimed, new QueueRepository.Ending("unknown", line, true, false));
        } else {
            queue.note(claimed, line);
        }
        return held;
    }

    private static QueueRepository.Ending ending(MailLoader.Fault fault) {
        return new QueueRepository.Ending(
                fault.state(), AttemptLine.decided(fault.state(), fault.reason()), false, false);
    }

    private boolean record(Claimed claimed, MailLoader.Loaded loaded, SendOutcome outcome, Duration duration)
            throws SQLException {
        AttemptLine line = AttemptLine.of(outcome, duration);
        if (outcome instanceof SendOutcome.TransportFault) {
            return recordFault(claimed, outcome, line);
        }
        circuit.worked();
        Duration pause = retries.pauseAfter(loaded.attempts() + 1);
        if (outcome instanceof SendOutcome.Sent) {
            end(claimed, new QueueRepository.Ending("sent", line, true, false));
        } else if (outcome instanceof SendOutcome.Failed failed) {
            end(claimed, new QueueRepository.Ending("failed", line, true, failed.suppress()));
        } else if (outcome instanceof SendOutcome.Deferred) {
            postpone(claimed, new QueueRepository.Postponement(pause, "delayed", line, true));
        } else if (loaded.kind().onUnknown() == Kind.OnUnknown.HOLD) {
            end(claimed, new QueueRepository.Ending("unknown", line, true, false));
        } else {
            postpone(claimed, new QueueRepository.Postponement(pause, "unknown", line, true));
        }
        return true;
    }

    private boolean recordFault(Claimed claimed, SendOutcome outcome, AttemptLine line) throws SQLException {
        String reason = outcome.stage().wireName() + ": " + outcome.reply().text();
        if (circuit.failed(reason)) {
            LOG.warnf("transport is at fault, sending pauses pause=%s reason=%s", circuit.pauseLeft(), reason);
        }
        postpone(claimed, new QueueRepository.Postponement(circuit.pauseLeft(), null, line, false));
        return false;
    }

    private void end(Claimed claimed, QueueRepository.Ending ending) throws SQLException {
        if (queue.end(claimed, ending)) {
            metrics.ended(ending.state());
        } else {
            lost(claimed);
        }
    }

    private void postpone(Claimed claimed, QueueRepository.Postponement postponement) throws SQLException {
        if (!queue.postpone(claimed, postponement)) {
            lost(claimed);
        }
    }

    private static void lost(Claimed claimed) {
        LOG.warnf("lease lost before the outcome recipient=%d attempt=%d", claimed.recipientId(), claimed.attempt());
    }
}
