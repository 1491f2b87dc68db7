package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.monitoring.neighbour.Neighbour;
import java.util.Map;

/** The database or a service is not there. */
final class OutageRules {

    private final StandingRules.Patience patience;

    OutageRules(StandingRules.Patience patience) {
        this.patience = patience;
    }

    /** Whoever can write an incident has a database; outages are remembered by {@code Contact} and written after. */
    Rule databaseDown() {
        return new Rule(
                StandingRules.DATABASE_DOWN,
                Severity.CRITICAL,
                patience.databaseDown(),
                Map.of(),
                "Look at the server's log and its host. Mail could not go out while the database was away: "
                        + "the queue is in it.",
                situation -> situation.isDatabaseUp()
                        ? new Observation.Well("answers")
                        : new Observation.Unknown("the database is not seen"));
    }

    Rule serviceDown(String service) {
        return new Rule(
                "service-down",
                Severity.CRITICAL,
                patience.serviceDown(),
                Map.of("service", service),
                "Look at the service's log and its readiness. What it has to do waits in the database and is not lost.",
                situation -> {
                    Neighbour neighbour = situation.neighbours().stream()
                            .filter(other -> other.name().equals(service))
                            .findFirst()
                            .orElseThrow();
                    // Without the database no service can say how it is; one incident is enough.
                    if (neighbour.lookedAt() == null || !situation.isDatabaseUp()) {
                        return new Observation.Unknown("has not been looked at");
                    }
                    return neighbour.isDown()
                            ? new Observation.Wrong(
                                    "A service of Caretaker is down: " + service,
                                    String.valueOf(neighbour.error()),
                                    "answers its status")
                            : new Observation.Well("answers");
                });
    }
}
