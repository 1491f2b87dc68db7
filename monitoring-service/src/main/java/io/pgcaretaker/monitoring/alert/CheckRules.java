package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.checks.Check;
import io.pgcaretaker.monitoring.checks.CheckResult;
import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.pgcaretaker.monitoring.collect.Reading;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** What a critical check finds is an incident. The objects stay out of the mail: the findings have them. */
final class CheckRules {

    private CheckRules() {}

    static Stream<Rule> all() {
        return Check.folder("checks").stream()
                .filter(check -> check.severity().equals("critical"))
                .map(CheckRules::rule);
    }

    private static Rule rule(Check check) {
        return new Rule(
                check.id(),
                Severity.CRITICAL,
                Duration.ZERO,
                Map.of(),
                check.advice() + " The findings: GET /api/monitoring/findings.",
                situation -> observe(check, situation));
    }

    private static Observation observe(Check check, Situation situation) {
        String name = check.collector().name();
        Reading reading = situation.reading(name);
        if (reading.outcome() == CollectOutcome.SKIPPED) {
            return new Observation.Skipped(Objects.requireNonNullElse(reading.reason(), "skipped"));
        }
        if (reading.outcome() != CollectOutcome.OK || !situation.isFresh(name)) {
            return new Observation.Unknown(Objects.requireNonNullElse(reading.reason(), "the last look is too old"));
        }
        List<CheckResult.Seen> findings = CheckResult.of(check, reading).findings();
        return findings.isEmpty()
                ? new Observation.Well("none")
                : new Observation.Wrong(check.title(), findings.size() + " found", "none");
    }
}
