package io.pgcaretaker.email.suppression;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.schema.email.Suppression;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Addresses that are never written to, because a server said they do not exist. */
@Path("/api/email/suppressions")
@Produces(MediaType.APPLICATION_JSON)
public class SuppressionResource {

    private static final int MOST = 200;

    /** Who is not written to, and why. */
    public record Entry(
            String address, String reason, @Nullable UUID emailId, Instant createdAt) {}

    /** A page of them, newest first. */
    public record Entries(List<Entry> suppressions) {}

    /** Which one was removed. */
    public record Removed(String address) {}

    @GET
    @Transactional
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Addresses that are never written to")
    public Entries list(@QueryParam("page") @Nullable Integer page, @QueryParam("size") @Nullable Integer size) {
        int index = page == null ? 0 : page;
        int length = size == null ? 50 : size;
        if (index < 0 || length < 1 || length > MOST) {
            throw ProblemException.badParameter("size", "must be between 1 and " + MOST + ", and page at least 0");
        }
        return new Entries(Suppression.page(index, length).stream()
                .map(entry -> new Entry(entry.address, entry.reason, entry.emailId, entry.createdAt))
                .toList());
    }

    @DELETE
    @Path("/{address}")
    @Transactional
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Write to an address again")
    public Removed remove(@PathParam("address") String address) {
        String normalised = MailAddress.normalised(address);
        if (!Suppression.deleteById(normalised)) {
            throw ProblemException.notFound("this address is not suppressed");
        }
        return new Removed(normalised);
    }
}
