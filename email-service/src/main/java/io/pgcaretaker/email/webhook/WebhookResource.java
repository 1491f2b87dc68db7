package io.pgcaretaker.email.webhook;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.email.address.SafeText;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Who is told of what happens to mail, and what they have not taken yet. */
@Path("/api/email/webhooks")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class WebhookResource {

    private final WebhookRepository repository;
    private final WebhookSchedule schedule;

    WebhookResource(WebhookRepository repository, WebhookSchedule schedule) {
        this.repository = repository;
        this.schedule = schedule;
    }

    /**
     * A receiver, by its name in the configuration; its address is not shown.
     *
     * @param state {@code ok}, or why this replica tells it nothing now
     * @param givenUp messages that it did not take in eight attempts
     */
    public record Receiver(
            String name,
            String state,
            long waiting,
            long givenUp,
            @Nullable Instant oldest,
            @Nullable Instant nextAttemptAt,
            @Nullable String lastError) {}

    /** All of them. */
    public record Receivers(List<Receiver> webhooks) {}

    /** How many messages are told again. */
    public record Again(String name, int messages) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Receivers of webhooks, what waits for them and what was given up")
    public Receivers list() throws SQLException {
        return new Receivers(repository.standings().stream()
                .map(standing -> new Receiver(
                        standing.name(),
                        schedule.state(standing.name()),
                        standing.waiting(),
                        standing.givenUp(),
                        standing.oldest(),
                        standing.nextAttemptAt(),
                        standing.lastError()))
                .toList());
    }

    @POST
    @Path("/{name}/tell-again")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Tell a receiver now what it has not taken, given-up messages too")
    public Again tellAgain(@PathParam("name") String name) throws SQLException {
        // PostgreSQL takes no NUL, not even to say that nothing is called so.
        if (!SafeText.isLine(name) || !repository.isKnown(name)) {
            throw ProblemException.notFound("no webhook of this name is configured");
        }
        return new Again(name, repository.tellAgain(name));
    }
}
