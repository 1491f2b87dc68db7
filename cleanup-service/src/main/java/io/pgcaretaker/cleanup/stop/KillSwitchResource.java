package io.pgcaretaker.cleanup.stop;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.GivenText;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The kill switch: one row that every batch reads, so it holds for all policies and replicas within a batch. */
@Path("/api/cleanup/switch")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class KillSwitchResource {

    private static final Logger LOG = Logger.getLogger(KillSwitchResource.class);

    private final Transactions transactions;

    KillSwitchResource(Transactions transactions) {
        this.transactions = transactions;
    }

    /**
     * Whether everything is stopped, since when, by whom and why.
     *
     * @param batchUnderWay true: a batch that had begun before has not ended yet, and may still commit; it is the last one
     */
    public record SwitchView(
            boolean stopped,
            @Nullable String reason,
            String changedBy,
            Instant changedAt,
            @Nullable Boolean batchUnderWay) {

        private SwitchView underWay() {
            return new SwitchView(stopped, reason, changedBy, changedAt, true);
        }
    }

    /** Why it is stopped. */
    @Schema(
            name = "StopRequest",
            requiredProperties = {"reason"})
    public record Request(@Nullable String reason) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Whether all clean-up is stopped")
    public SwitchView state() {
        return transactions.run(
                "cleanup.switch",
                session -> session.first(
                                Sql.of("/* caretaker.cleanup.switch */ select * from caretaker.cleanup_switch"),
                                row -> new SwitchView(
                                        row.getBoolean("stopped"),
                                        row.getString("reason"),
                                        row.getString("changed_by"),
                                        row.getTimestamp("changed_at").toInstant(),
                                        null))
                        .orElseThrow());
    }

    @POST
    @Path("/stop")
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(
            summary =
                    "Stop all clean-up, for all policies and replicas; answers when the batches under way have ended, or says that one has not")
    public SwitchView stop(@Nullable Request request, @Context SecurityContext caller) {
        String reason = GivenText.checked("reason", request == null ? null : request.reason());
        return stopped(reason, caller.getUserPrincipal().getName());
    }

    @POST
    @Path("/release")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Let clean-up go on; runs continue where they stand")
    public SwitchView release(@Context SecurityContext caller) {
        return change(false, "", caller.getUserPrincipal().getName());
    }

    SwitchView stopped(String reason, String by) {
        SwitchView view = change(true, reason, by);
        return awaitBatches() ? view : view.underWay();
    }

    /**
     * Until the batches that had begun have ended, so that nothing goes after the answer. One that has read the switch as it was
     * before, and has not got the run's row yet, sees in that. False: one takes longer.
     */
    private boolean awaitBatches() {
        try {
            transactions.run("cleanup.switch-wait", session -> session.update(Sql.of("""
                            /* caretaker.cleanup.switch-wait */
                            with running as materialized (
                              select id
                              from caretaker.cleanup_run
                              where state = 'running'
                              order by id
                              for update
                            )
                            update caretaker.cleanup_run r
                            set halted = true
                            from running
                            where r.id = running.id
                            """)));
            return true;
        } catch (DatabaseFailure e) {
            LOG.warnf("clean-up stopped, a batch is still under way failure=%s", e.getMessage());
            return false;
        }
    }

    SwitchView change(boolean stopped, String reason, String by) {
        transactions.run(
                "cleanup.switch-change",
                session -> session.update(Sql.of("""
                /* caretaker.cleanup.switch-change */
                update caretaker.cleanup_switch
                set stopped = (? = 'stop'),
                    reason = nullif(?, ''),
                    changed_by = ?,
                    changed_at = clock_timestamp()
                """, stopped ? "stop" : "release", reason, by)));
        LOG.warnf("clean-up %s by=%s", stopped ? "stopped" : "released", by);
        return state();
    }
}
