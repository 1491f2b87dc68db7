package io.pgcaretaker.email.delivery;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.pgcaretaker.email.smtp.SendOutcome;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/** What docs/metrics.md names. */
@ApplicationScoped
public class DeliveryMetrics {

    private final MeterRegistry registry;

    DeliveryMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Mails committed by the intake. */
    public void accepted(int emails) {
        registry.counter("caretaker.email.accepted").increment(emails);
    }

    void attempted(SendOutcome outcome, String transport, Duration duration) {
        Timer.builder("caretaker.email.attempt")
                .tag("outcome", outcome.name())
                .tag("transport", transport)
                .register(registry)
                .record(duration);
        if (outcome instanceof SendOutcome.Unknown) {
            foundUnknown();
        }
    }

    void foundUnknown() {
        registry.counter("caretaker.email.outcome.unknown").increment();
    }

    void ended(String state) {
        registry.counter("caretaker.email.ended", "state", state).increment();
    }
}
