package io.pgcaretaker.email.webhook;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;

/** What docs/metrics.md names. */
@ApplicationScoped
class WebhookMetrics {

    private static final String GIVEN_UP = "given_up";

    private final MeterRegistry registry;

    WebhookMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** A counter that first shows as 1 never rose: an alert on its increase would miss the first message. */
    void known(String endpoint) {
        for (WebhookEvent.Result.Kind kind : WebhookEvent.Result.Kind.values()) {
            counter(endpoint, name(kind));
        }
        counter(endpoint, GIVEN_UP);
    }

    void told(String endpoint, WebhookEvent.Result.Kind kind) {
        counter(endpoint, name(kind)).increment();
    }

    void givenUp(String endpoint) {
        counter(endpoint, GIVEN_UP).increment();
    }

    private Counter counter(String endpoint, String outcome) {
        return registry.counter("caretaker.email.webhook", "endpoint", endpoint, "outcome", outcome);
    }

    private static String name(WebhookEvent.Result.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
