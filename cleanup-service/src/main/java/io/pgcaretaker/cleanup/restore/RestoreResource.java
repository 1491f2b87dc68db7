package io.pgcaretaker.cleanup.restore;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** Recovery inside the window. */
@Path("/api/cleanup/policies/{name}/restore")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class RestoreResource {

    private static final Logger LOG = Logger.getLogger(RestoreResource.class);

    private final Policies policies;
    private final Preflight preflight;
    private final Restore restore;

    RestoreResource(Policies policies, Preflight preflight, Transactions transactions) {
        this.policies = policies;
        this.preflight = preflight;
        this.restore = new Restore(transactions, preflight);
    }

    /**
     * Which row.
     *
     * @param key its key, or an object of column and value for a key of several columns
     * @param rehearsal true: everything is tried, and nothing kept
     */
    @Schema(
            name = "RestoreRequest",
            requiredProperties = {"key"})
    public record Request(
            @Schema(
                    description = RowKey.DESCRIPTION,
                    implementation = Object.class,
                    oneOf = {String.class, Long.class, Map.class},
                    examples = {"42", RowKey.EXAMPLE})
            @Nullable
            JsonNode key,

            @Nullable Boolean rehearsal) {}

    /**
     * It lives again, or would.
     *
     * @param state restored, or rehearsed
     * @param rows by table: the row, and what was soft-deleted with it
     */
    @Schema(name = "RestoredRow")
    public record Restored(String policy, String table, String state, Map<String, Long> rows) {
        public Restored {
            rows = Map.copyOf(rows);
        }
    }

    @POST
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(
            summary =
                    "Undo the soft deletion of one row inside the window, with what was deleted with it; or rehearse it")
    public Restored restore(@RestPath String name, @Nullable Request request, @Context SecurityContext caller) {
        RetentionPolicy policy =
                policies.find(name).orElseThrow(() -> ProblemException.notFound("there is no policy of that name"));
        if (policy.restore().isEmpty()) {
            throw ProblemException.conflict("what this policy deletes cannot be restored: it has no soft deletion");
        }
        Table table = preflight
                .table(policy)
                .orElseThrow(() -> ProblemException.conflict("the policy's table is not there as the policy needs it"));
        List<String> columns = policy.key().isEmpty() ? table.primaryKey() : policy.key();
        JsonNode json = request == null ? null : request.key();
        if (request == null || json == null) {
            throw ProblemException.invalidField("key", "must be given");
        }
        RowKey key = RowKey.read(columns, json)
                .orElseThrow(() -> ProblemException.invalidField("key", RowKey.rule(columns)));
        boolean rehearsal = Boolean.TRUE.equals(request.rehearsal());
        Map<String, Long> rows = answer(restore.restore(new Restore.Wanted(policy, table, key, null, rehearsal)));
        if (rehearsal) {
            return new Restored(name, table.name().toString(), "rehearsed", rows);
        }
        LOG.infof(
                "row restored policy=%s table=%s by=%s",
                name, table.name(), caller.getUserPrincipal().getName());
        return new Restored(name, table.name().toString(), "restored", rows);
    }

    private static Map<String, Long> answer(RestoreOutcome outcome) {
        if (outcome instanceof RestoreOutcome.Restored restored) {
            return restored.rows();
        }
        if (outcome instanceof RestoreOutcome.Gone) {
            throw ProblemException.conflict("the row is not there (any more)");
        }
        if (outcome instanceof RestoreOutcome.NotDeleted) {
            throw ProblemException.conflict("the row is not deleted");
        }
        if (outcome instanceof RestoreOutcome.WindowOver) {
            throw ProblemException.conflict("the window is over: the row's retention has passed");
        }
        if (outcome instanceof RestoreOutcome.Taken taken) {
            throw ProblemException.conflict(taken.what() + " is taken by another row again");
        }
        if (outcome instanceof RestoreOutcome.Busy) {
            throw ProblemException.conflict("the row is in use at this moment; try again");
        }
        if (outcome instanceof RestoreOutcome.Refused refused) {
            throw ProblemException.conflict("the row cannot be restored: " + refused.why() + "; nothing was changed");
        }
        throw ProblemException.invalidField("key", "cannot be a key of this table");
    }
}
