package io.pgcaretaker.email.webhook;

import io.pgcaretaker.email.smtp.Circuit;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Tells one receiver what waits for it, batch by batch. A receiver in trouble is left alone for a while, and then gets one
 * message as a probe; what waits meanwhile uses up no attempt.
 */
final class WebhookCourier {

    private static final Logger LOG = Logger.getLogger(WebhookCourier.class);

    private final WebhookEndpoint endpoint;
    private final WebhookRepository repository;
    private final WebhookClient client;
    private final WebhookRetryPolicy retries;
    private final WebhookMetrics metrics;
    private final Circuit circuit;
    private final Duration lease;

    WebhookCourier(
            WebhookEndpoint endpoint,
            WebhookRepository repository,
            WebhookClient client,
            WebhookRetryPolicy retries,
            WebhookMetrics metrics,
            Circuit circuit,
            Duration lease) {
        this.endpoint = endpoint;
        this.repository = repository;
        this.client = client;
        this.retries = retries;
        this.metrics = metrics;
        this.circuit = circuit;
        this.lease = lease;
    }

    WebhookEndpoint endpoint() {
        return endpoint;
    }

    Circuit circuit() {
        return circuit;
    }

    /** Returns how many were claimed in all. */
    int drain(BooleanSupplier goOn) throws SQLException, InterruptedException {
        int claimed = 0;
        int batch = 1;
        while (batch > 0 && goOn.getAsBoolean()) {
            batch = batch();
            claimed += batch;
        }
        return claimed;
    }

    private int batch() throws SQLException, InterruptedException {
        Circuit.Admission admission = circuit.enter();
        if (admission == Circuit.Admission.REFUSED) {
            return 0;
        }
        try {
            List<WebhookEvent> events = repository.claim(endpoint.name(), lease, admission == Circuit.Admission.PROBE);
            if (events.isEmpty()) {
                return 0;
            }
            List<WebhookEvent.Told> told = client.post(endpoint, events);
            learn(told);
            repository.write(told, retries);
            return events.size();
        } finally {
            if (admission == Circuit.Admission.PROBE) {
                circuit.unused();
            }
        }
    }

    /** One answer proves that the receiver is there; only silence from all of them says that it is not. */
    private void learn(List<WebhookEvent.Told> told) {
        for (WebhookEvent.Told one : told) {
            metrics.told(endpoint.name(), one.result().kind());
            if (one.result().kind() != WebhookEvent.Result.Kind.DELIVERED
                    && retries.pauseAfter(one.event().attempt()).isEmpty()) {
                metrics.givenUp(endpoint.name());
                LOG.errorf(
                        "a webhook is given up endpoint=%s event=%s email=%s reason=%s",
                        endpoint.name(),
                        one.event().type(),
                        one.event().mail().emailId(),
                        one.result().detail());
            }
        }
        if (told.stream().anyMatch(one -> one.result().kind() != WebhookEvent.Result.Kind.UNREACHABLE)) {
            circuit.worked();
        } else if (circuit.failed(told.get(0).result().detail())) {
            LOG.warnf(
                    "a webhook's receiver is at fault, it is told nothing for a while endpoint=%s pause=%s reason=%s",
                    endpoint.name(), circuit.pauseLeft(), circuit.reason());
        }
    }
}
