package io.pgcaretaker.monitoring.latency;

import io.pgcaretaker.access.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** What the application feels of the database, from memory. */
@Path("/api/monitoring/database/latency")
@Produces(MediaType.APPLICATION_JSON)
public class LatencyResource {

    private final LatencyMeter meter;

    LatencyResource(LatencyMeter meter) {
        this.meter = meter;
    }

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "How long the application's statements took in the last seconds, and usually take")
    public Latency latency() {
        return meter.latency();
    }
}
