package io.pgcaretaker.email.queue;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.email.delivery.DeliverySchedule;
import io.pgcaretaker.email.delivery.WakeUp;
import io.pgcaretaker.email.smtp.SmtpServers;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** What waits, why, and what to do about outcomes that nobody knows. */
@Path("/api/email/queue")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class QueueResource {

    private static final int MOST = 200;

    private final QueueViewRepository queue;
    private final UnknownRepository unknown;
    private final QueueGauge gauge;
    private final DeliverySchedule delivery;
    private final WakeUp wakeUp;

    QueueResource(
            QueueViewRepository queue,
            UnknownRepository unknown,
            QueueGauge gauge,
            DeliverySchedule delivery,
            WakeUp wakeUp) {
        this.queue = queue;
        this.unknown = unknown;
        this.gauge = gauge;
        this.delivery = delivery;
        this.wakeUp = wakeUp;
    }

    /**
     * The queue.
     *
     * @param state as it was last measured
     * @param transport {@code ok}, or why sending pauses
     * @param transports each server with its state, the wanted one first
     * @param recipients the first to come, then those that are held as unknown
     */
    public record Queue(
            QueueState state,
            String transport,
            List<SmtpServers.Standing> transports,
            List<QueueViewRepository.Waiting> recipients) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "What is waiting, the first to come first")
    public Queue queue(@QueryParam("limit") @Nullable Integer limit) throws SQLException {
        int size = limit == null ? 50 : limit;
        if (size < 1 || size > MOST) {
            throw ProblemException.badParameter("limit", "must be between 1 and " + MOST);
        }
        return new Queue(gauge.state(), delivery.transportState(), delivery.transports(), queue.waiting(size));
    }

    /** What became of a recipient. */
    public record Resolved(long recipientId, String state) {}

    @POST
    @Path("/{recipientId}/resend")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Send a held mail again: it may arrive twice")
    public Resolved resend(@PathParam("recipientId") long recipientId) throws SQLException {
        requireUnknown(unknown.resend(recipientId));
        wakeUp.signal();
        return new Resolved(recipientId, "queued");
    }

    @POST
    @Path("/{recipientId}/settle")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Take a held mail as sent: it may never have arrived")
    public Resolved settle(@PathParam("recipientId") long recipientId) throws SQLException {
        requireUnknown(unknown.settle(recipientId));
        return new Resolved(recipientId, "sent");
    }

    private static void requireUnknown(boolean changed) {
        if (!changed) {
            throw ProblemException.notFound("no recipient of this id is held with an unknown outcome");
        }
    }
}
