package io.pgcaretaker.monitoring.checks;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.collect.Readings;
import io.pgcaretaker.problem.ProblemException;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** What the checks saw last, from memory. */
@Path("/api/monitoring/checks")
@Produces(MediaType.APPLICATION_JSON)
public class CheckResource {

    private static final Set<String> STATUSES = Set.of("ok", "finding", "skipped", "failed", "pending");

    private final CheckSchedule schedule;
    private final Readings readings;
    private final Clock clock;

    CheckResource(CheckSchedule schedule, Readings readings, Clock clock) {
        this.schedule = schedule;
        this.readings = readings;
        this.clock = clock;
    }

    /** All checks, or those of one status. */
    public record Answer(List<CheckResult> checks, Instant timestamp) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Checks of the database; status=ok, finding, skipped, failed or pending")
    public Answer checks(@QueryParam("status") @Nullable String status) {
        if (status != null && !STATUSES.contains(status)) {
            throw ProblemException.badParameter("status", "must be ok, finding, skipped, failed or pending");
        }
        List<CheckResult> results = schedule.checks().stream()
                .map(check ->
                        CheckResult.of(check, readings.of(check.collector().name())))
                .filter(result -> status == null || result.status().equals(status))
                .toList();
        return new Answer(results, clock.instant());
    }
}
