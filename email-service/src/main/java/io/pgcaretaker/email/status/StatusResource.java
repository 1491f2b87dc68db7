package io.pgcaretaker.email.status;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.email.delivery.DeliverySchedule;
import io.pgcaretaker.email.queue.QueueGauge;
import io.pgcaretaker.email.queue.QueueState;
import io.pgcaretaker.status.ServiceStatus;
import io.quarkus.runtime.Startup;
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
// Made at the start, and not with the first question: it says since when the service runs.
@Startup
public class StatusResource {

    private final String version;
    private final Instant startedAt;
    private final QueueGauge queue;
    private final DeliverySchedule delivery;

    StatusResource(
            @ConfigProperty(name = "quarkus.application.version") String version,
            Clock clock,
            QueueGauge queue,
            DeliverySchedule delivery) {
        this.version = version;
        this.queue = queue;
        this.delivery = delivery;
        this.startedAt = clock.instant();
    }

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "This service's version, start and queue")
    public ServiceStatus status() {
        QueueState state = queue.state();
        return new ServiceStatus(
                "email-service",
                version,
                startedAt,
                Map.of(
                        "waiting", state.waiting(),
                        "unknown", state.unknown(),
                        "oldestWaitingSeconds", state.oldestWaitingSeconds(),
                        "scheduled", state.scheduled(),
                        "transport", delivery.transportState(),
                        "measuredAt", state.measuredAt()));
    }
}
