package io.pgcaretaker.email.status;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.status.ServiceStatus;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** What this service says of itself. */
@Path("/api/email/status")
@Produces(MediaType.APPLICATION_JSON)
public class StatusResource {

    private final String version;
    private final Instant startedAt;

    StatusResource(@ConfigProperty(name = "quarkus.application.version") String version, Clock clock) {
        this.version = version;
        this.startedAt = clock.instant();
    }

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "This service's version, start and queue")
    public ServiceStatus status() {
        return new ServiceStatus("email-service", version, startedAt, Map.of());
    }
}
