package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.Page;
import io.pgcaretaker.monitoring.StrictJson;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.schema.monitoring.Incident;
import io.pgcaretaker.startup.NeedsDatabase;
import io.quarkus.hibernate.orm.panache.PanacheQuery;
import io.quarkus.panache.common.Sort;
import io.quarkus.resteasy.reactive.jackson.CustomDeserialization;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** What is or was wrong. */
@NeedsDatabase
@CustomDeserialization(StrictJson.class)
@Path("/api/monitoring/incidents")
@Produces(MediaType.APPLICATION_JSON)
public class IncidentResource {

    private static final Set<String> STATES = Set.of("pending", "firing", "resolved");
    private static final int READ_DEADLINE_MILLIS = 5000;

    private final Acknowledgement acknowledgement;
    private final SecurityIdentity caller;

    IncidentResource(Acknowledgement acknowledgement, SecurityIdentity caller) {
        this.acknowledgement = acknowledgement;
        this.caller = caller;
    }

    /** As people see it. */
    public record IncidentView(
            UUID id,
            String rule,
            String severity,
            Map<String, String> labels,
            String state,
            String summary,
            String value,
            String threshold,
            String advice,
            Instant startedAt,
            @Nullable Instant firedAt,
            Instant lastSeenAt,
            @Nullable Instant resolvedAt,
            @Nullable Instant acknowledgedAt,
            @Nullable String acknowledgedBy,
            @Nullable String note) {

        static IncidentView of(Incident incident) {
            return new IncidentView(
                    incident.id,
                    incident.rule,
                    incident.severity,
                    incident.labels,
                    incident.state,
                    incident.summary,
                    incident.value,
                    incident.threshold,
                    incident.advice,
                    incident.pendingSince,
                    incident.firedAt,
                    incident.lastSeenAt,
                    incident.resolvedAt,
                    incident.acknowledgedAt,
                    incident.acknowledgedBy,
                    incident.note);
        }
    }

    /** Why it needs no reminder. */
    @Schema(name = "AcknowledgeIncidentRequest")
    public record AcknowledgeRequest(
            @Nullable
            @Size(max = 1000, message = "must have at most 1000 characters")
            @Pattern(regexp = StrictJson.NO_NUL, message = StrictJson.NO_NUL_RULE)
            String note) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Incidents, newest first; state=pending, firing or resolved")
    public Page<IncidentView> list(
            @QueryParam("state") @Nullable String state,
            @QueryParam("page") @DefaultValue("0") int page,
            @QueryParam("size") @DefaultValue("50") int size) {
        Page.check(page, size);
        if (state != null && !STATES.contains(state)) {
            throw ProblemException.badParameter("state", "must be pending, firing or resolved");
        }
        Sort newest = Sort.descending("pendingSince").and("id");
        PanacheQuery<Incident> all = state == null ? Incident.findAll(newest) : Incident.find("state", newest, state);
        PanacheQuery<Incident> query = all.withHint("jakarta.persistence.query.timeout", READ_DEADLINE_MILLIS);
        return new Page<>(
                query.page(page, size).list().stream().map(IncidentView::of).toList(), page, size, query.count());
    }

    @GET
    @Path("/{id}")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "One incident")
    public IncidentView get(@RestPath UUID id) {
        return IncidentView.of(find(id));
    }

    @POST
    @Path("/{id}/acknowledge")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Somebody sees to it: no reminders; repeating it changes nothing")
    public IncidentView acknowledge(@RestPath UUID id, @Nullable @Valid AcknowledgeRequest request)
            throws SQLException {
        String name = caller.getPrincipal().getName();
        String note = request == null ? null : request.note();
        return switch (acknowledgement.by(id, name, note)) {
            case NOT_FOUND -> throw ProblemException.notFound("no such incident");
            case RESOLVED -> throw ProblemException.conflict("the incident is resolved");
            case DONE, ALREADY -> get(id);
        };
    }

    private static Incident find(UUID id) {
        return Incident.<Incident>findByIdOptional(id).orElseThrow(() -> ProblemException.notFound("no such incident"));
    }
}
