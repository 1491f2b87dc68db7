package io.pgcaretaker.monitoring.console;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.StrictJson;
import io.pgcaretaker.problem.ProblemException;
import io.quarkus.resteasy.reactive.jackson.CustomDeserialization;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.RestPath;

/** What an operator may do to a session. */
@CustomDeserialization(StrictJson.class)
@Path("/api/monitoring/database/sessions/{pid}")
@Produces(MediaType.APPLICATION_JSON)
public class SessionResource {

    private final SessionAction action;
    private final SecurityIdentity caller;

    SessionResource(SessionAction action, SecurityIdentity caller) {
        this.action = action;
        this.caller = caller;
    }

    /** Which session: its {@code startedAt}, as the queries showed it. */
    public record SessionRequest(
            @NotNull(message = "must be the session's startedAt: a process number alone may be another session's")
            Instant startedAt) {}

    /** What was done. */
    public record SessionAnswer(int pid, String outcome) {}

    @POST
    @Path("/cancel")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Cancel what a session runs; kept with who did it")
    public SessionAnswer cancel(@RestPath int pid, @Valid @NotNull(message = "must be given") SessionRequest request)
            throws SQLException {
        return run(SessionAction.Action.CANCEL, pid, request);
    }

    @POST
    @Path("/terminate")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "End a session; kept with who did it")
    public SessionAnswer terminate(@RestPath int pid, @Valid @NotNull(message = "must be given") SessionRequest request)
            throws SQLException {
        return run(SessionAction.Action.TERMINATE, pid, request);
    }

    private SessionAnswer run(SessionAction.Action what, int pid, SessionRequest request) throws SQLException {
        SessionAction.Outcome outcome =
                action.run(what, pid, request.startedAt(), caller.getPrincipal().getName());
        return switch (outcome) {
            case SENT -> new SessionAnswer(pid, outcome.word());
            case GONE -> throw ProblemException.notFound("no such session, or it is another by now");
            case OWN -> throw ProblemException.conflict("the session is one of Caretaker's own");
            case REFUSED ->
                throw ProblemException.conflict("PostgreSQL refused it: grant pg_signal_backend to Caretaker's role;"
                        + " a superuser's session only a superuser may end");
        };
    }
}
