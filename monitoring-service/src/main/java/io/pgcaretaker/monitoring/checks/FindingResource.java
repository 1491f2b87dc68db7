package io.pgcaretaker.monitoring.checks;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.Page;
import io.pgcaretaker.monitoring.StrictJson;
import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
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
import java.time.Clock;
import java.util.UUID;
import javax.sql.DataSource;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** What the checks found, since when, and what is over. */
@NeedsDatabase
@CustomDeserialization(StrictJson.class)
@Path("/api/monitoring/findings")
@Produces(MediaType.APPLICATION_JSON)
public class FindingResource {

    private final DataSource database;
    private final Clock clock;
    private final SecurityIdentity caller;
    private final CheckSchedule checks;
    private final FindingRepository findings = new FindingRepository();

    FindingResource(DataSource database, Clock clock, SecurityIdentity caller, CheckSchedule checks) {
        this.checks = checks;
        this.database = database;
        this.clock = clock;
        this.caller = caller;
    }

    /** Why it may stay as it is. */
    @Schema(name = "AcknowledgeFindingRequest")
    public record AcknowledgeRequest(
            @Nullable
            @Size(max = 1000, message = "must have at most 1000 characters")
            @Pattern(regexp = StrictJson.NO_NUL, message = StrictJson.NO_NUL_RULE)
            String note) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Findings, newest first; present=false for those that are gone, check= for one check")
    public Page<Finding> list(
            @QueryParam("present") @DefaultValue("true") String shown,
            @QueryParam("check") @Nullable String check,
            @QueryParam("page") @DefaultValue("0") int page,
            @QueryParam("size") @DefaultValue("50") int size)
            throws SQLException {
        Page.check(page, size);
        if (!shown.equals("true") && !shown.equals("false")) {
            throw ProblemException.badParameter("present", "must be true or false");
        }
        // No finding of a check that there is not would read as nothing wrong.
        if (check != null
                && checks.checks().stream().noneMatch(each -> each.id().equals(check))) {
            throw ProblemException.badParameter("check", "must be the id of a check, as /api/monitoring/checks has it");
        }
        boolean present = shown.equals("true");
        return Transaction.run(
                database,
                "finding-list",
                connection -> new Page<>(
                        findings.list(connection, present, check, Math.multiplyExact(page, size), size),
                        page,
                        size,
                        findings.count(connection, present, check)));
    }

    @POST
    @Path("/{id}/acknowledge")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Somebody knows and has decided; repeating it changes nothing")
    public Finding acknowledge(@RestPath UUID id, @Nullable @Valid AcknowledgeRequest request) throws SQLException {
        String by = caller.getPrincipal().getName();
        String note = request == null ? null : request.note();
        return Transaction.run(
                        database,
                        "finding-acknowledge",
                        connection -> findings.acknowledge(connection, id, by, note, clock.instant()))
                .orElseThrow(() -> ProblemException.notFound("no such finding"));
    }
}
