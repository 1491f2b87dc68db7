package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.monitoring.neighbour.Neighbour;
import io.pgcaretaker.monitoring.neighbour.Neighbours;
import io.pgcaretaker.status.ServiceStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What cleanup-service waits for a human to do. */
final class CleanupRules {

    private CleanupRules() {}

    /** A breaker has stopped a run before its first row. */
    static Rule needsApproval() {
        return new Rule(
                "cleanup-needs-approval",
                Severity.WARNING,
                Duration.ZERO,
                Map.of(),
                "See why: GET /api/cleanup/runs, stopReason and stopDetail. If it is meant, POST "
                        + "/api/cleanup/runs/{id}/approve with maxRows lets this one run through; nothing was deleted.",
                situation -> {
                    Neighbour cleanup = situation.neighbours().stream()
                            .filter(other -> other.name().equals(Neighbours.CLEANUP))
                            .findFirst()
                            .orElseThrow();
                    ServiceStatus status = cleanup.status();
                    if (cleanup.isDown()
                            || status == null
                            || !(status.details().get("needsApproval") instanceof List<?> policies)) {
                        return new Observation.Unknown("cleanup-service has not said");
                    }
                    return policies.isEmpty()
                            ? new Observation.Well("none")
                            : new Observation.Wrong(
                                    "Clean-up has stopped and needs approval", policies.toString(), "none");
                });
    }
}
