package io.pgcaretaker.cleanup.notice;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.NoticeCensus;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.problem.ProblemException;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestPath;

/** A policy's deletion notices, without whose they are. */
@Path("/api/cleanup/policies/{name}/notices")
@Produces(MediaType.APPLICATION_JSON)
public class NoticesResource {

    private static final Logger LOG = Logger.getLogger(NoticesResource.class);

    private final NoticeRepository notices = new NoticeRepository();
    private final Policies policies;
    private final Transactions transactions;

    NoticesResource(Policies policies, Transactions transactions) {
        this.policies = policies;
        this.transactions = transactions;
    }

    /**
     * Open notices by state.
     *
     * @param open waiting (not taken by email-service yet), accepted (on its way), delivered, undeliverable (the row goes
     *     all the same), held (the row stays)
     */
    public record NoticeCounts(String policy, Map<String, Long> open) {
        public NoticeCounts {
            open = Map.copyOf(open);
        }
    }

    /** So many go out anew. */
    public record Retried(String policy, int notices) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "How many deletion notices of a policy are open, by state")
    public NoticeCounts counts(@RestPath String name) {
        RetentionPolicy policy = policy(name);
        return new NoticeCounts(
                name, transactions.run("cleanup.notice-counts", session -> NoticeCensus.open(session, policy.name())));
    }

    @POST
    @Path("/retry")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Send the deletion notices that could not be delivered again; their rows wait for these")
    public Retried retry(@RestPath String name, @Context SecurityContext caller) {
        RetentionPolicy policy = policy(name);
        int retried = transactions.run("cleanup.notice-retry", session -> notices.retry(session, policy.name()));
        LOG.infof(
                "deletion notices sent again policy=%s notices=%d by=%s",
                name, retried, caller.getUserPrincipal().getName());
        return new Retried(name, retried);
    }

    private RetentionPolicy policy(String name) {
        return policies.find(name).orElseThrow(() -> ProblemException.notFound("there is no policy of that name"));
    }
}
