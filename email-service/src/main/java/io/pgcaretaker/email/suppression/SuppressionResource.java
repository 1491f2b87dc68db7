package io.pgcaretaker.email.suppression;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.email.PageOf;
import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.address.SafeText;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.schema.email.Suppression;
import io.pgcaretaker.startup.NeedsDatabase;
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
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class SuppressionResource {

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
        PageOf asked = PageOf.asked(page, size);
        return new Entries(Suppression.page(asked.index(), asked.size()).stream()
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
        // PostgreSQL takes no NUL, not even to say that nothing is called so.
        if (!SafeText.isLine(normalised) || !Suppression.deleteById(normalised)) {
            throw ProblemException.notFound("this address is not suppressed");
        }
        return new Removed(normalised);
    }
}
