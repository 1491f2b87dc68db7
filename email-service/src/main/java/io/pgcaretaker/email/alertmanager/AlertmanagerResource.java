package io.pgcaretaker.email.alertmanager;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.access.Role;
import io.pgcaretaker.startup.NeedsDatabase;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.jspecify.annotations.Nullable;

/** Alertmanager's webhook, version 4. It drops what gets a 4xx and repeats what gets a 5xx. */
@Path("/api/email/alertmanager")
@NeedsDatabase
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
public class AlertmanagerResource {

    private final AlertIntake intake;
    private final SecurityIdentity identity;

    AlertmanagerResource(AlertIntake intake, SecurityIdentity identity) {
        this.intake = intake;
        this.identity = identity;
    }

    /** The mails of a group, one for each recipient; the same again when the post was a repetition. */
    public record Taken(List<UUID> ids) {}

    @POST
    @RolesAllowed(Role.SENDER_ROLE)
    @Operation(summary = "Alertmanager's webhook (version 4): a mail to each of the receiver's recipients")
    @RequestBody(content = @Content(schema = @Schema(ref = "AlertmanagerNotification")))
    public Taken take(@Nullable JsonNode body) {
        return new Taken(intake.take(
                NotificationReader.read(body), identity.getPrincipal().getName()));
    }
}
