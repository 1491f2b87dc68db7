package io.pgcaretaker.cleanup.hold;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.GivenText;
import io.pgcaretaker.cleanup.Paging;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.schema.cleanup.LegalHold;
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
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** Legal holds, by case. */
@Path("/api/cleanup/holds")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class HoldsResource {

    private final Policies policies;
    private final Preflight preflight;
    private final Holds holds;
    private final HoldGuard guard;
    private final EntityManager entities;

    HoldsResource(Policies policies, Preflight preflight, Transactions transactions, EntityManager entities) {
        this.policies = policies;
        this.preflight = preflight;
        this.holds = new Holds(transactions);
        this.guard = new HoldGuard(transactions);
        this.entities = entities;
    }

    /** Which row of which policy's table is held, for which case and why. */
    @Schema(
            name = "HoldRequest",
            requiredProperties = {"policy", "key", "caseId", "reason"})
    public record Request(
            @Nullable String policy,

            @Schema(
                    description = RowKey.DESCRIPTION,
                    implementation = Object.class,
                    oneOf = {String.class, Long.class, Map.class},
                    examples = {"42", RowKey.EXAMPLE})
            @Nullable
            JsonNode key,

            @Nullable String caseId,
            @Nullable String reason) {}

    /** A hold; {@code key} is the JSON array of the key's columns. */
    public record HoldView(
            UUID id,
            String caseId,
            String policy,
            String table,
            String key,
            String reason,
            String placedBy,
            Instant placedAt,
            @Nullable String releasedBy,
            @Nullable Instant releasedAt) {

        static HoldView of(LegalHold hold) {
            return new HoldView(
                    hold.id,
                    hold.caseId,
                    hold.policy,
                    hold.subjectTable,
                    hold.subjectKey,
                    hold.reason,
                    hold.placedBy,
                    hold.placedAt,
                    hold.releasedBy,
                    hold.releasedAt);
        }
    }

    /**
     * A hold that was placed.
     *
     * @param guarded other clients cannot delete the row either
     * @param guard what the table's owner runs so that they cannot; absent where they cannot
     */
    public record PlacedHold(
            @JsonUnwrapped HoldView hold,
            boolean guarded,
            @Nullable String guard) {}

    /** One page of holds, newest first. */
    public record HoldPage(List<HoldView> holds, int page, int size) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Legal holds, newest first")
    public HoldPage list(
            @QueryParam("page") @DefaultValue("0") int page, @QueryParam("size") @DefaultValue("50") int size) {
        Paging paging = Paging.of(page, size);
        return new HoldPage(
                LegalHold.newest(paging.page(), paging.size()).stream()
                        .map(HoldView::of)
                        .toList(),
                page,
                size);
    }

    @POST
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Keep one row from being deleted, for a case; several cases may hold one row")
    @APIResponse(
            responseCode = "201",
            description = "Held from now on",
            content = @Content(schema = @Schema(implementation = PlacedHold.class)))
    @APIResponse(
            responseCode = "200",
            description = "Held for this case before",
            content = @Content(schema = @Schema(implementation = PlacedHold.class)))
    public Response place(@Nullable Request request, @Context SecurityContext caller) {
        Request asked = request == null ? new Request(null, null, null, null) : request;
        String caseId = GivenText.checked("caseId", asked.caseId());
        String reason = GivenText.checked("reason", asked.reason());
        RetentionPolicy policy = policies.find(GivenText.checked("policy", asked.policy()))
                .orElseThrow(() -> ProblemException.invalidField("policy", "must be the name of a policy"));
        Table table = preflight
                .table(policy)
                .orElseThrow(() -> ProblemException.conflict("the policy's table is not there as the policy needs it"));
        List<String> columns = policy.key().isEmpty() ? table.primaryKey() : policy.key();
        if (columns.isEmpty()) {
            throw ProblemException.conflict("the policy's table has no primary key, by which a row could be named");
        }
        JsonNode json = asked.key();
        if (json == null) {
            throw ProblemException.invalidField("key", "must be given");
        }
        RowKey key = RowKey.read(columns, json)
                .orElseThrow(() -> ProblemException.invalidField("key", RowKey.rule(columns)));
        List<String> subject = table.subjectColumns(columns);
        Holds.Outcome outcome = holds.place(
                table,
                subject,
                key,
                new Holds.Cause(
                        policy.name(), caseId, reason, caller.getUserPrincipal().getName()));
        if (outcome instanceof Holds.Outcome.Placed placed) {
            Optional<String> missing = guard.ensure(table, subject);
            return Response.status(placed.now() ? 201 : 200)
                    .entity(new PlacedHold(view(placed.hold()), missing.isEmpty(), missing.orElse(null)))
                    .build();
        }
        throw problem(outcome);
    }

    private static ProblemException problem(Holds.Outcome outcome) {
        if (outcome instanceof Holds.Outcome.Gone) {
            return ProblemException.conflict("the row is not there (any more)");
        }
        if (outcome instanceof Holds.Outcome.Busy) {
            return ProblemException.conflict("the row is in use at this moment; try again");
        }
        return ProblemException.invalidField("key", "cannot be a key of this table");
    }

    @POST
    @Path("/{id}/release")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Release a hold")
    public HoldView release(@RestPath UUID id, @Context SecurityContext caller) {
        boolean released = holds.release(id, caller.getUserPrincipal().getName());
        HoldView hold = view(id);
        if (!released) {
            throw ProblemException.conflict("the hold was released before");
        }
        return hold;
    }

    private HoldView view(UUID id) {
        // Holds are written past the persistence context.
        entities.clear();
        LegalHold hold = LegalHold.findById(id);
        if (hold == null) {
            throw ProblemException.notFound("there is no hold of that id");
        }
        return HoldView.of(hold);
    }
}
