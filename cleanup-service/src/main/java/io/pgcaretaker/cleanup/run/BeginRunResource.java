package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.persistence.EntityManager;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.net.URI;
import java.util.UUID;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** Begins a run by hand. A class of its own: a resource's path is chosen by its class before its methods. */
@Path("/api/cleanup/policies/{name}/runs")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class BeginRunResource {

    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,256}");

    private final Policies policies;
    private final Preflight preflight;
    private final RunRequests requests;
    private final EntityManager entities;

    BeginRunResource(Policies policies, Preflight preflight, RunRequests requests, EntityManager entities) {
        this.policies = policies;
        this.preflight = preflight;
        this.requests = requests;
        this.entities = entities;
    }

    @POST
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Run a policy now; the same Idempotency-Key answers the same run")
    @APIResponse(
            responseCode = "202",
            description = "It begins as soon as a worker is free",
            content = @Content(schema = @Schema(implementation = RunView.class)))
    public Response begin(
            @RestPath String name,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @Context SecurityContext caller) {
        if (key != null && !KEY.matcher(key).matches()) {
            throw ProblemException.badParameter("Idempotency-Key", "must be 1 to 256 visible ASCII characters");
        }
        RetentionPolicy policy =
                policies.find(name).orElseThrow(() -> ProblemException.notFound("there is no policy of that name"));
        Readiness readiness = preflight.check(policy);
        if (readiness instanceof Readiness.NotApplicable) {
            throw ProblemException.conflict(
                    "the policy is not applicable: " + readiness.reasons().get(0));
        }
        UUID id =
                RunsResource.id(requests.begin(policy, caller.getUserPrincipal().getName(), key));
        return Response.accepted(RunsResource.view(entities, id))
                .location(URI.create("/api/cleanup/runs/" + id))
                .build();
    }
}
