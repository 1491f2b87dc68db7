package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.Paging;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.Preflight;
import io.pgcaretaker.cleanup.plan.Readiness;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.schema.cleanup.CleanupRun;
import jakarta.annotation.security.RolesAllowed;
import jakarta.persistence.EntityManager;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** Runs: begin one, look at them, steer one. */
@Path("/api/cleanup")
public class RunsResource {

    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,256}");

    private final Policies policies;
    private final Preflight preflight;
    private final RunRequests requests;
    private final EntityManager entities;

    RunsResource(Policies policies, Preflight preflight, Transactions transactions, EntityManager entities) {
        this.policies = policies;
        this.preflight = preflight;
        this.requests = new RunRequests(transactions, new RunRepository());
        this.entities = entities;
    }

    /** One page of runs, newest first. */
    public record RunPage(List<RunView> runs, int page, int size) {}

    /** How many rows an approval lets through. */
    public record Approval(@Nullable Long maxRows) {}

    @POST
    @Path("/policies/{name}/runs")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Run a policy now; the same Idempotency-Key answers the same run")
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
        UUID id = id(requests.begin(policy, caller.getUserPrincipal().getName(), key));
        return Response.accepted(view(id))
                .location(URI.create("/api/cleanup/runs/" + id))
                .build();
    }

    @GET
    @Path("/runs")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Runs, newest first")
    public RunPage list(
            @QueryParam("policy") @Nullable String policy,
            @QueryParam("page") @DefaultValue("0") int page,
            @QueryParam("size") @DefaultValue("50") int size) {
        Paging paging = Paging.of(page, size);
        return new RunPage(
                CleanupRun.newest(policy, paging.page(), paging.size()).stream()
                        .map(RunView::of)
                        .toList(),
                page,
                size);
    }

    @GET
    @Path("/runs/{id}")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "One run")
    public RunView one(@RestPath UUID id) {
        return view(id);
    }

    @POST
    @Path("/runs/{id}/pause")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Stop a run after its present batch; it can be resumed")
    public RunView pause(@RestPath UUID id) {
        return view(id(requests.pause(id)));
    }

    @POST
    @Path("/runs/{id}/resume")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Carry a paused run on where it stands")
    public RunView resume(@RestPath UUID id) {
        return view(id(requests.resume(id)));
    }

    @POST
    @Path("/runs/{id}/cancel")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "End a run after its present batch")
    public RunView cancel(@RestPath UUID id) {
        return view(id(requests.cancel(id)));
    }

    @POST
    @Path("/runs/{id}/approve")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Let a run that needs approval through, up to maxRows rows of its table")
    public RunView approve(@RestPath UUID id, @Nullable Approval approval, @Context SecurityContext caller) {
        Long maxRows = approval == null ? null : approval.maxRows();
        if (maxRows == null || maxRows < 1) {
            throw ProblemException.invalidField("maxRows", "must be given and at least 1");
        }
        return view(id(requests.approve(id, maxRows, caller.getUserPrincipal().getName())));
    }

    private RunView view(UUID id) {
        // The engine writes past the persistence context.
        entities.clear();
        CleanupRun run = CleanupRun.findById(id);
        if (run == null) {
            throw ProblemException.notFound("there is no run of that id");
        }
        return RunView.of(run);
    }

    private static UUID id(RunRequests.Outcome outcome) {
        if (outcome instanceof RunRequests.Outcome.Done done) {
            return done.run();
        }
        if (outcome instanceof RunRequests.Outcome.Busy busy) {
            throw ProblemException.conflict("the policy's run " + busy.run() + " is not over yet");
        }
        if (outcome instanceof RunRequests.Outcome.KeyTaken taken) {
            throw ProblemException.conflict(
                    "this Idempotency-Key was given for the policy " + taken.policy() + " before");
        }
        if (outcome instanceof RunRequests.Outcome.WrongState wrong) {
            throw ProblemException.conflict(
                    "not possible now, the run is " + wrong.state() + " or another run of the policy is open");
        }
        throw ProblemException.notFound("there is no run of that id");
    }
}
