package io.pgcaretaker.cleanup.archive;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.Paging;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.problem.ProblemException;
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
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestPath;

/** What was archived, and the way back. */
@Path("/api/cleanup/archives")
@Produces(MediaType.APPLICATION_JSON)
public class ArchiveResource {

    private static final Logger LOG = Logger.getLogger(ArchiveResource.class);

    private final Archive archive;
    private final ArchiveRestore restore;

    ArchiveResource(CleanupConfig config, Transactions transactions) {
        this.archive = Archive.of(config);
        this.restore = new ArchiveRestore(transactions, new CatalogueRepository(), new LedgerRepository(), archive);
    }

    /**
     * A file.
     *
     * @param state {@code committed}: its rows are deleted; {@code orphan}: its batch did not commit, the file may go
     */
    public record ArchiveView(
            String file,
            String policy,
            UUID run,
            String table,
            long rows,
            long bytes,
            Instant writtenAt,
            String state) {}

    /** One page of files, newest first. */
    public record ArchivePage(List<ArchiveView> archives, int page, int size) {}

    /** Rows read back; the policy deletes them again at its next run, unless they are changed or held. */
    public record Restored(String file, long rows) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Archived files, newest first, and whether their batch committed")
    public ArchivePage list(
            @QueryParam("page") @DefaultValue("0") int page, @QueryParam("size") @DefaultValue("50") int size)
            throws IOException {
        Paging paging = Paging.of(page, size);
        List<Manifest> manifests =
                archive.isConfigured() ? archive.list((long) paging.page() * paging.size(), paging.size()) : List.of();
        return new ArchivePage(manifests.stream().map(this::view).toList(), page, size);
    }

    private ArchiveView view(Manifest manifest) {
        return new ArchiveView(
                manifest.file(),
                manifest.policy(),
                manifest.run(),
                manifest.schema() + "." + manifest.table(),
                manifest.rows(),
                manifest.bytes(),
                manifest.writtenAt(),
                restore.isCommitted(manifest) ? "committed" : "orphan");
    }

    @POST
    @Path("/{file}/restore")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Read the rows of a file back into their table, all or none")
    public Restored restore(@RestPath String file, @Context SecurityContext caller) throws IOException {
        Manifest manifest = (archive.isConfigured() ? archive.find(file) : Optional.<Manifest>empty())
                .orElseThrow(() -> ProblemException.notFound("there is no archived file of that name"));
        ArchiveRestore.Outcome outcome = restore.restore(manifest);
        if (outcome instanceof ArchiveRestore.Outcome.Restored restored) {
            LOG.infof(
                    "archive restored file=%s rows=%d by=%s",
                    file, restored.rows(), caller.getUserPrincipal().getName());
            return new Restored(file, restored.rows());
        }
        throw ProblemException.conflict(((ArchiveRestore.Outcome.Refused) outcome).why());
    }
}
