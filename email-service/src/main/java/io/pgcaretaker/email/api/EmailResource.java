package io.pgcaretaker.email.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.access.Role;
import io.pgcaretaker.startup.NeedsDatabase;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.jspecify.annotations.Nullable;

/** Mails in Resend's wire contract. */
@Path("/emails")
@NeedsDatabase
@RateLimited
@Produces(MediaType.APPLICATION_JSON)
public class EmailResource {

    private static final String KEY = IdempotencyHeader.NAME;

    private final Submission submission;
    private final Batch batch;
    private final Rescheduling rescheduling;
    private final EmailRepository emails;
    private final SecurityIdentity identity;

    EmailResource(
            Submission submission,
            Batch batch,
            Rescheduling rescheduling,
            EmailRepository emails,
            SecurityIdentity identity) {
        this.submission = submission;
        this.batch = batch;
        this.rescheduling = rescheduling;
        this.emails = emails;
        this.identity = identity;
    }

    /** A mail's id. */
    public record Id(UUID id) {}

    /** Which mail was changed. */
    public record Changed(String object, UUID id) {
        static Changed email(UUID id) {
            return new Changed("email", id);
        }
    }

    /**
     * One id for each mail of the batch.
     *
     * @param errors the mails that were refused, absent in a strict batch
     */
    public record Ids(List<Id> data, @Nullable List<Batch.Fault> errors) {}

    /** A page of mails, newest first. */
    public record Page(
            String object, @JsonProperty("has_more") boolean hasMore, List<EmailView.Listed> data) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Role.SENDER_ROLE)
    @Operation(summary = "Hand in a mail; the answer comes after the commit")
    @RequestBody(content = @Content(schema = @Schema(ref = "EmailRequest")))
    public Id send(@HeaderParam(KEY) @Nullable String key, @Nullable JsonNode body) throws SQLException {
        return new Id(submission.one("/emails", key, body));
    }

    @POST
    @Path("/batch")
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Role.SENDER_ROLE)
    @Operation(summary = "Hand in up to 100 mails, all or (permissive) those that are well formed")
    @RequestBody(content = @Content(schema = @Schema(ref = "EmailBatch")))
    public Ids sendBatch(
            @HeaderParam(KEY) @Nullable String key,
            @HeaderParam("x-batch-validation") @Nullable String validation,
            @Nullable JsonNode body)
            throws SQLException {
        return batch.send(key, validation, body);
    }

    @GET
    @RolesAllowed({Role.SENDER_ROLE, Role.VIEWER_ROLE})
    @Operation(summary = "Mails, newest first; after and before are ids")
    public Page list(
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("after") @Nullable String after,
            @QueryParam("before") @Nullable String before)
            throws SQLException {
        return Pages.read(emails, limit, after, before);
    }

    @GET
    @Path("/{id}")
    @RolesAllowed({Role.SENDER_ROLE, Role.VIEWER_ROLE})
    @Operation(summary = "A mail and where each of its recipients stands")
    public EmailView get(@PathParam("id") String id) throws SQLException {
        EmailView view = emails.find(MailIds.parse(id)).orElseThrow(MailIds::notFound);
        return identity.hasRole(Role.SENDER_ROLE) ? view : view.withoutContent();
    }

    @PATCH
    @Path("/{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Role.SENDER_ROLE)
    @Operation(summary = "Send a scheduled mail at another time")
    @RequestBody(content = @Content(schema = @Schema(ref = "EmailReschedule")))
    public Changed reschedule(@PathParam("id") String id, @Nullable JsonNode body) throws SQLException {
        UUID mail = MailIds.parse(id);
        rescheduling.reschedule(mail, body);
        return Changed.email(mail);
    }

    /** Takes no body, and none must be bound: the SDK sends an empty one and calls it JSON. */
    @POST
    @Path("/{id}/cancel")
    @Consumes(MediaType.WILDCARD)
    @RolesAllowed(Role.SENDER_ROLE)
    @Operation(summary = "Do not send a mail that has not begun to go out")
    public Changed cancel(@PathParam("id") String id) throws SQLException {
        UUID mail = MailIds.parse(id);
        rescheduling.cancel(mail);
        return Changed.email(mail);
    }
}
