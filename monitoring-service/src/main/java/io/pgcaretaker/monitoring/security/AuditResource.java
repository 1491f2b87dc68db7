package io.pgcaretaker.monitoring.security;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.security.Audit.AuditResult;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/** The security audit of the database. */
@NeedsDatabase
@Path("/api/monitoring/security/audit")
@Produces(MediaType.APPLICATION_JSON)
public class AuditResource {

    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,256}");

    private static final Pattern NOTHING = Pattern.compile("\\s*(\\{\\s*}\\s*)?");

    private final Audit audit;
    private final SecurityIdentity caller;

    AuditResource(Audit audit, SecurityIdentity caller) {
        this.audit = audit;
        this.caller = caller;
    }

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "The last audit; 404 before the first")
    @APIResponse(
            responseCode = "200",
            description = "The audit",
            content = @Content(schema = @Schema(implementation = AuditResult.class)))
    @APIResponse(responseCode = "404", description = "There was no audit yet")
    public AuditResult last() throws SQLException {
        return audit.last()
                .orElseThrow(() -> ProblemException.notFound(
                        "no audit has run yet; POST /api/monitoring/security/audit runs one"));
    }

    @POST
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Run an audit and keep its result; the same Idempotency-Key answers the same result")
    @RequestBody(
            required = false,
            description = "None, or {}: an audit takes no choices",
            content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(ref = "NoChoices")))
    public AuditResult run(@HeaderParam("Idempotency-Key") @Nullable String key, @Nullable String body)
            throws SQLException {
        if (body != null && !NOTHING.matcher(body).matches()) {
            throw ProblemException.badParameter("body", "must be absent or {}: an audit takes no choices");
        }
        if (key != null && !KEY.matcher(key).matches()) {
            throw ProblemException.badParameter("Idempotency-Key", "must be 1 to 256 visible ASCII characters");
        }
        return audit.run(caller.getPrincipal().getName(), key);
    }
}
