package io.pgcaretaker.monitoring.neighbour;

import io.pgcaretaker.access.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The other services as they were last seen: from memory, so that one that hangs holds up nobody who asks here. */
@Path("/api/monitoring/services")
@Produces(MediaType.APPLICATION_JSON)
public class NeighbourResource {

    private final Neighbours neighbours;
    private final Clock clock;

    NeighbourResource(Neighbours neighbours, Clock clock) {
        this.neighbours = neighbours;
        this.clock = clock;
    }

    /** In the order of their names. */
    public record Services(Instant timestamp, List<Neighbour> services) {
        public Services {
            services = List.copyOf(services);
        }
    }

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(
            summary =
                    "cleanup-service and email-service as last seen: what each says of itself, and since when it is silent")
    public Services services() {
        return new Services(clock.instant(), neighbours.all());
    }
}
