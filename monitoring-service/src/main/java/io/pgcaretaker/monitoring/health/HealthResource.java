package io.pgcaretaker.monitoring.health;

import io.pgcaretaker.monitoring.Limits;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.SituationRoom;
import io.pgcaretaker.monitoring.collect.LookOnRequest;
import io.pgcaretaker.monitoring.health.HealthReport.Check;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.resteasy.reactive.RestResponse;

/** The one public route. It answers from memory. */
@Path("/api/monitoring/health")
@Produces(MediaType.APPLICATION_JSON)
public class HealthResource {

    private final SituationRoom room;
    private final LookOnRequest look;
    private final HealthPolicy policy;
    private final boolean enabled;

    HealthResource(SituationRoom room, LookOnRequest look, Limits limits, MonitoringConfig config) {
        this.room = room;
        this.look = look;
        this.policy = new HealthPolicy(limits);
        this.enabled = config.enabled();
    }

    @GET
    @PermitAll
    @Operation(summary = "Is it healthy: 200 healthy, 207 degraded, 503 unhealthy")
    @APIResponse(
            responseCode = "200",
            description = "Healthy",
            content = @Content(schema = @Schema(implementation = HealthReport.class)))
    @APIResponse(
            responseCode = "207",
            description = "Degraded",
            content = @Content(schema = @Schema(implementation = HealthReport.class)))
    @APIResponse(
            responseCode = "503",
            description = "Unhealthy",
            content = @Content(schema = @Schema(implementation = HealthReport.class)))
    public RestResponse<HealthReport> health() {
        if (!enabled) {
            look.look();
        }
        HealthReport report = policy.judge(room.now());
        if (!enabled) {
            report = disabled(report);
        }
        return RestResponse.ResponseBuilder.<HealthReport>create(report.status().httpStatus())
                .entity(report)
                .header("Cache-Control", "no-store")
                .build();
    }

    private static HealthReport disabled(HealthReport report) {
        List<Check> checks = new ArrayList<>();
        checks.add(new Check(
                "monitoring",
                HealthReport.Result.PASS,
                "disabled (MONITORING_ENABLED=false): looked at when asked, no timers, no alerts, no mails"));
        checks.addAll(report.checks());
        return new HealthReport(report.status(), report.timestamp(), checks);
    }
}
