package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.GivenText;
import io.pgcaretaker.cleanup.Paging;
import io.pgcaretaker.cleanup.policy.Limits;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.schema.cleanup.CleanupRun;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.persistence.EntityManager;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** Runs: look at them, steer one. */
@Path("/api/cleanup/runs")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class RunsResource {

    private static final Logger LOG = Logger.getLogger(RunsResource.class);

    private final RunRequests requests;
    private final CleanupMetrics metrics;
    private final EntityManager entities;

    RunsResource(RunRequests requests, CleanupMetrics metrics, EntityManager entities) {
        this.requests = requests;
        this.metrics = metrics;
        this.entities = entities;
    }

    /** One page of runs, newest first. */
    public record RunPage(List<RunView> runs, int page, int size) {}

    /** How many rows an approval lets through. */
    @Schema(
            name = "ApprovalRequest",
            requiredProperties = {"maxRows"})
    public record Approval(@Nullable Long maxRows) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Runs, newest first")
    public RunPage list(
            @QueryParam("policy") @Nullable String policy,
            @QueryParam("page") @DefaultValue("0") int page,
            @QueryParam("size") @DefaultValue("50") int size) {
        Paging paging = Paging.of(page, size);
        if (policy != null && !GivenText.isText(policy)) {
            throw ProblemException.badParameter("policy", "must be the name of a policy");
        }
        return new RunPage(
                CleanupRun.newest(policy, paging.page(), paging.size()).stream()
                        .map(RunView::of)
                        .toList(),
                page,
                size);
    }

    @GET
    @Path("/{id}")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "One run")
    public RunView one(@RestPath UUID id) {
        return view(id);
    }

    @POST
    @Path("/{id}/pause")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Stop a run after its present batch; it can be resumed")
    public RunView pause(@RestPath UUID id, @Context SecurityContext caller) {
        return told("paused", view(id(requests.pause(id, by(caller)))), caller);
    }

    @POST
    @Path("/{id}/resume")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Carry a paused run on where it stands")
    public RunView resume(@RestPath UUID id, @Context SecurityContext caller) {
        return told("resumed", view(id(requests.resume(id))), caller);
    }

    @POST
    @Path("/{id}/cancel")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "End a run after its present batch")
    public RunView cancel(@RestPath UUID id, @Context SecurityContext caller) {
        RunView run = told("cancelled", view(id(requests.cancel(id, by(caller)))), caller);
        metrics.runEnded(run.policy(), run.mode(), "cancelled", "cancelled", took(run));
        return run;
    }

    @POST
    @Path("/{id}/approve")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Let a run that needs approval through, up to maxRows rows of its table")
    public RunView approve(@RestPath UUID id, @Nullable Approval approval, @Context SecurityContext caller) {
        Long maxRows = approval == null ? null : approval.maxRows();
        if (maxRows == null || maxRows < 1 || maxRows > Limits.MOST) {
            throw ProblemException.invalidField("maxRows", "must be given, and between 1 and " + Limits.MOST);
        }
        return told("approved", view(id(requests.approve(id, maxRows, by(caller)))), caller);
    }

    private static String by(SecurityContext caller) {
        return caller.getUserPrincipal().getName();
    }

    private static RunView told(String what, RunView run, SecurityContext caller) {
        LOG.infof(
                "run %s policy=%s run=%s deleted=%d by=%s",
                what, run.policy(), run.id(), run.rowsDeleted(), by(caller));
        return run;
    }

    private static Duration took(RunView run) {
        return run.startedAt() == null || run.finishedAt() == null
                ? Duration.ZERO
                : Duration.between(run.startedAt(), run.finishedAt());
    }

    private RunView view(UUID id) {
        return view(entities, id);
    }

    static RunView view(EntityManager entities, UUID id) {
        // The engine writes past the persistence context.
        entities.clear();
        CleanupRun run = CleanupRun.findById(id);
        if (run == null) {
            throw ProblemException.notFound("there is no run of that id");
        }
        return RunView.of(run);
    }

    static UUID id(RunRequests.Outcome outcome) {
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
        if (outcome instanceof RunRequests.Outcome.OtherVersion other) {
            throw ProblemException.conflict(
                    "the policy " + other.policy()
                            + " is no longer, or not here, the one that this run began with; cancel it, if it is paused, and begin another run, which asks anew if it must");
        }
        throw ProblemException.notFound("there is no run of that id");
    }
}
