package io.pgcaretaker.email.webhook;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;

/** What docs/metrics.md names. */
@ApplicationScoped
class WebhookMetrics {

    private final MeterRegistry registry;

    WebhookMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void told(String endpoint, WebhookEvent.Result.Kind kind) {
        count(endpoint, kind.name().toLowerCase(Locale.ROOT));
    }

    void givenUp(String endpoint) {
        count(endpoint, "given_up");
    }

    private void count(String endpoint, String outcome) {
        registry.counter("caretaker.email.webhook", "endpoint", endpoint, "outcome", outcome)
                .increment();
    }
}
