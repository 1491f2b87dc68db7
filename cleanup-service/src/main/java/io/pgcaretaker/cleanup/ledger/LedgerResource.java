package io.pgcaretaker.cleanup.ledger;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.Paging;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** The ledger: what was deleted, and the proof that nobody changed it. */
@Path("/api/cleanup/ledger")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class LedgerResource {

    private final Transactions transactions;
    private final LedgerRepository ledger = new LedgerRepository();

    LedgerResource(Transactions transactions) {
        this.transactions = transactions;
    }

    /** One page of lines, newest first. */
    public record LedgerPage(List<LedgerLine> lines, int page, int size) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Ledger lines, newest first; of one run with ?run=")
    public LedgerPage list(
            @QueryParam("run") @Nullable UUID run,
            @QueryParam("page") @DefaultValue("0") int page,
            @QueryParam("size") @DefaultValue("50") int size) {
        Paging paging = Paging.of(page, size);
        return new LedgerPage(
                transactions.run(
                        "cleanup.ledger", session -> ledger.newest(session, run, paging.page(), paging.size())),
                page,
                size);
    }

    @GET
    @Path("/verify")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Walk all hash chains and name each broken place")
    public LedgerAudit.Verdict verify() {
        return new LedgerAudit(transactions, ledger).verify();
    }
}
