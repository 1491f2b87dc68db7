package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.monitoring.Situation;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One alert rule.
 *
 * @param holdFor how long it must be wrong before anybody is told (Prometheus' {@code for})
 * @param labels what tells incidents of one rule apart
 * @param advice what to look at first
 */
public record Rule(
        String name,
        Severity severity,
        Duration holdFor,
        Map<String, String> labels,
        String advice,
        Function<Situation, Observation> judgement) {

    public Rule {
        labels = Map.copyOf(labels);
    }

    public Observation observe(Situation situation) {
        return judgement.apply(situation);
    }

    /** {@code service-down{service=email-service}}: what is one incident. */
    public String fingerprint() {
        return labels.isEmpty() ? name : name + new TreeMap<>(labels);
    }
}
