package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.checks.Check;
import io.pgcaretaker.monitoring.checks.CheckResult;
import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.pgcaretaker.monitoring.collect.Reading;
import java.time.Duration;
import java.util.Map;
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
        return observe(check, situation, new Threshold(true, 0), check.title());
    }

    /** By the number of its findings. */
    static Observation observe(Check check, Situation situation, Threshold threshold, String summary) {
        String name = check.collector().name();
        Reading reading = situation.reading(name);
        if (reading.outcome() != CollectOutcome.OK || !situation.isFresh(name)) {
            return Observation.notSeen(reading);
        }
        int findings = CheckResult.of(check, reading).findings().size();
        if (!threshold.isCrossedBy(findings)) {
            return new Observation.Well(findings == 0 ? "none" : findings + " found");
        }
        return new Observation.Wrong(summary, findings + " found", threshold.limit() == 0 ? "none" : threshold.words());
    }
}
