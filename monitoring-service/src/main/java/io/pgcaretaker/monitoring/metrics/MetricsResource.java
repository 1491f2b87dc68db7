package io.pgcaretaker.monitoring.metrics;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.Limits;
import io.pgcaretaker.monitoring.SituationRoom;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The numbers, from memory. */
@Path("/api/monitoring/metrics")
@Produces(MediaType.APPLICATION_JSON)
public class MetricsResource {

    private final SituationRoom room;
    private final MetricsView view;

    MetricsResource(SituationRoom room, Limits limits) {
        this.room = room;
        this.view = new MetricsView(limits);
    }

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Connections, queries, storage, tokens and resources, each with its age")
    public MetricsReport metrics() {
        return view.of(room.now());
    }
}
