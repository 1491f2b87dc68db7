package io.pgcaretaker.cleanup.notice;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.Paging;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.NoticeCensus;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** A policy's deletion notices; without whose they are, but for those that somebody has to see to. */
@Path("/api/cleanup/policies/{name}/notices")
@NeedsDatabase
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

    /**
     * One that could not be delivered.
     *
     * @param notice its id, as the log has it
     * @param key of the row, as a JSON array of its columns
     * @param reason what is wrong with the address, or email-service's word
     * @param state undeliverable (the row goes all the same), held (the row stays)
     * @param goesAt from when on the row may go; absent: it stays until somebody decides
     */
    public record Undeliverable(
            UUID notice,
            String key,
            @Nullable String reason,
            String state,
            @Nullable Instant foundAt,
            @Nullable Instant goesAt) {}

    /** One page of them, those that were found first at the top. */
    public record UndeliverablePage(List<Undeliverable> notices, int page, int size) {}

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

    /** Keys of people: for who is to mend their addresses. */
    @GET
    @Path("/undeliverable")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(
            summary = "Which deletion notices of a policy could not be delivered: the row's key, why, and when it goes")
    public UndeliverablePage undeliverable(
            @RestPath String name,
            @QueryParam("page") @DefaultValue("0") int page,
            @QueryParam("size") @DefaultValue("50") int size) {
        Paging paging = Paging.of(page, size);
        RetentionPolicy policy = policy(name);
        return new UndeliverablePage(
                transactions.run(
                        "cleanup.notice-undeliverable",
                        session -> notices.undeliverable(session, policy.name(), paging)),
                page,
                size);
    }

    @POST
    @Path("/retry")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Send the deletion notices that could not be delivered again; their rows wait for these")
    public Retried retry(@RestPath String name, @Context SecurityContext caller) {
        RetentionPolicy policy = policy(name);
        int retried = transactions.untilNone("cleanup.notice-retry", session -> notices.retry(session, policy.name()));
        LOG.infof(
                "deletion notices sent again policy=%s notices=%d by=%s",
                name, retried, caller.getUserPrincipal().getName());
        return new Retried(name, retried);
    }

    private RetentionPolicy policy(String name) {
        return policies.find(name).orElseThrow(() -> ProblemException.notFound("there is no policy of that name"));
    }
}
