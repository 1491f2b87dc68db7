package io.pgcaretaker.monitoring.security;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.StrictJson;
import io.pgcaretaker.problem.Problem;
import io.pgcaretaker.problem.ProblemException;
import io.quarkus.resteasy.reactive.jackson.CustomDeserialization;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The application reports security events. */
@CustomDeserialization(StrictJson.class)
@Path("/api/monitoring/security/events")
@Produces(MediaType.APPLICATION_JSON)
public class EventResource {

    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,256}");

    private final EventIntake intake;
    private final MeterRegistry meters;
    private final SecurityIdentity caller;

    EventResource(EventIntake intake, MeterRegistry meters, SecurityIdentity caller) {
        this.intake = intake;
        this.meters = meters;
        this.caller = caller;
    }

    /** How many events were stored, now or by the first request with this key. */
    public record Accepted(int accepted) {}

    @POST
    @RolesAllowed(Role.REPORTER_ROLE)
    @Operation(summary = "Report one event or an array of up to 1000; the answer comes after the commit")
    @APIResponse(
            responseCode = "201",
            description = "They are kept",
            content = @Content(schema = @Schema(implementation = Accepted.class)))
    @RequestBody(content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(ref = "EventReports")))
    public RestResponse<Accepted> report(@HeaderParam("Idempotency-Key") @Nullable String key, @Nullable JsonNode body)
            throws SQLException {
        if (body == null) {
            throw ProblemException.badParameter("body", "must be an event or an array of events");
        }
        if (key != null && !KEY.matcher(key).matches()) {
            throw ProblemException.badParameter("Idempotency-Key", "must be 1 to 256 visible ASCII characters");
        }
        EventIntake.Outcome outcome =
                intake.take(body, key, caller.getPrincipal().getName());
        if (outcome instanceof EventIntake.Outcome.Accepted accepted) {
            count(accepted.events());
            return created(accepted.events().size());
        }
        if (outcome instanceof EventIntake.Outcome.Repeated repeated) {
            return created(repeated.accepted());
        }
        if (outcome instanceof EventIntake.Outcome.Malformed malformed) {
            throw new ProblemException(Problem.ofFields(400, "Malformed event", malformed.errors()));
        }
        if (outcome instanceof EventIntake.Outcome.Invalid invalid) {
            throw new ProblemException(Problem.ofFields(422, "Invalid field", invalid.errors()));
        }
        throw ProblemException.invalidField("Idempotency-Key", "was used before for another body");
    }

    private void count(List<SecurityEvent> events) {
        for (SecurityEvent event : events) {
            meters.counter("caretaker.monitoring.security.events", "event", event.event())
                    .increment();
        }
    }

    private static RestResponse<Accepted> created(int accepted) {
        return RestResponse.status(RestResponse.Status.CREATED, new Accepted(accepted));
    }
}
