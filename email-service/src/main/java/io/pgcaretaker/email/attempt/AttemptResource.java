package io.pgcaretaker.email.attempt;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.email.PageOf;
import io.pgcaretaker.schema.email.EmailAttempt;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** What happened to mails, attempt by attempt, with the server's words. */
@Path("/api/email/attempts")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class AttemptResource {

    /** One line of the ledger. */
    public record Attempt(
            UUID emailId,
            long recipientId,
            int attempt,
            Instant at,
            String outcome,
            @Nullable String transport,
            @Nullable String stage,
            @Nullable Integer code,
            @Nullable String enhanced,
            @Nullable String reply,
            @Nullable Long durationMs) {

        static Attempt of(EmailAttempt line) {
            return new Attempt(
                    line.emailId,
                    line.recipientId,
                    line.attempt,
                    line.at,
                    line.outcome,
                    line.transport,
                    line.stage,
                    line.code,
                    line.enhanced,
                    line.reply,
                    line.durationMs);
        }
    }

    /** A page of the ledger. */
    public record Attempts(List<Attempt> attempts) {}

    @GET
    @Transactional
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Attempts: of one mail in order (emailId), or all, newest first, in pages")
    public Attempts list(
            @QueryParam("emailId") @Nullable UUID emailId,
            @QueryParam("page") @Nullable Integer page,
            @QueryParam("size") @Nullable Integer size) {
        if (emailId != null) {
            return attempts(EmailAttempt.ofEmail(emailId));
        }
        PageOf asked = PageOf.asked(page, size);
        return attempts(EmailAttempt.page(asked.index(), asked.size()));
    }

    private static Attempts attempts(List<EmailAttempt> lines) {
        return new Attempts(lines.stream().map(Attempt::of).toList());
    }
}
