package io.pgcaretaker.cleanup.archive;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.Paging;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.problem.Problem;
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
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** What was archived, and the way back. */
@Path("/api/cleanup/archives")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class ArchiveResource {

    private static final Logger LOG = Logger.getLogger(ArchiveResource.class);

    private final Archive archive;
    private final ArchiveRestore restore;
    private final MissingFiles missing;

    /** One statement, and one answer, looks at so many lines of the ledger. */
    private static final int LINES = 10_000;

    private static final int MOST_LINES = 100_000;

    ArchiveResource(CleanupConfig config, Transactions transactions) {
        this.archive = Archive.of(config);
        LedgerRepository ledger = new LedgerRepository();
        this.restore = new ArchiveRestore(transactions, new CatalogueRepository(), ledger, archive);
        this.missing = new MissingFiles(transactions, ledger, archive, LINES, MOST_LINES);
    }

    /**
     * A file. What only its manifest says is absent where that cannot be read.
     *
     * @param seq the ledger line in its run that names it; the files of a run are written in this order
     * @param state {@code committed}: its rows are deleted; {@code orphan}: its batch did not commit, the file may go; {@code
     *     undecided}: its batch is under way, or it belongs to a run or a database that is not known here, as after a backup
     *     was restored or the server was restarted: keep it
     * @param manifest {@code readable}, or {@code unreadable}: then it cannot be read back
     * @param restores when its rows were read back, and who wanted that
     */
    public record ArchiveView(
            String file,
            String policy,
            UUID run,
            int seq,
            @Nullable String table,
            @Nullable Long rows,
            @Nullable Long bytes,
            @Nullable Instant writtenAt,
            String state,
            String manifest,
            List<RestoreRecords.ReadBack> restores) {}

    /** One page of files, newest first. */
    public record ArchivePage(List<ArchiveView> archives, int page, int size) {}

    /** A file that the ledger names, and that is not there, or not its manifest. */
    public record MissingView(String file, String policy, UUID run, int seq) {}

    /**
     * Some of them.
     *
     * @param next to be given as {@code after}; absent where that was all. There may be one although none is named here: one
     *     answer looks at so many lines of the ledger
     */
    public record MissingPage(
            List<MissingView> missing, @Nullable String next) {}

    /**
     * How to read it back.
     *
     * @param fireTriggers true: also where the table has triggers that fire on rows that are put in
     */
    @Schema(name = "ArchiveRestoreRequest")
    public record Request(@Nullable Boolean fireTriggers) {}

    /** Rows read back; the policy deletes them again at its next run, unless they are changed or held. */
    @Schema(name = "RestoredFile")
    public record Restored(String file, long rows) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(
            summary = "Archived files, newest first, and whether their batch committed: of a policy, of a run, or all")
    public ArchivePage list(
            @QueryParam("policy") @Nullable String policy,
            @QueryParam("run") @Nullable String run,
            @QueryParam("page") @DefaultValue("0") int page,
            @QueryParam("size") @DefaultValue("50") int size) {
        Paging paging = Paging.of(page, size);
        Archive.Selection selection = new Archive.Selection(policy, run == null ? null : run(run));
        try {
            archive.requireReadable(restore::namesFiles);
            List<Archive.Listed> listed = archive.isConfigured()
                    ? archive.list(selection, (long) paging.page() * paging.size(), paging.size())
                    : List.of();
            Map<String, ArchiveRestore.Known> known = restore.known(listed);
            return new ArchivePage(
                    listed.stream()
                            .map(one -> view(one, Objects.requireNonNull(known.get(one.file()))))
                            .toList(),
                    page,
                    size);
        } catch (IOException e) {
            throw away(e);
        }
    }

    @GET
    @Path("/missing")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(
            summary =
                    "Files that the ledger names and that are not in the archive: of a policy, of a run, or all; go on with"
                            + " ?after= the answer's next, until there is none")
    public MissingPage missing(
            @QueryParam("policy") @Nullable String policy,
            @QueryParam("run") @Nullable String run,
            @QueryParam("after") @Nullable String after,
            @QueryParam("size") @DefaultValue("50") int size) {
        int most = Paging.of(0, size).size();
        Archive.Selection selection = new Archive.Selection(policy, run == null ? null : run(run));
        try {
            archive.requireReadable(restore::namesFiles);
            MissingFiles.Found found = missing.find(selection, after == null ? null : place(after), most);
            LedgerRepository.Place next = found.next();
            return new MissingPage(
                    found.missing().stream()
                            .map(line ->
                                    new MissingView(String.valueOf(line.file()), line.policy(), line.run(), line.seq()))
                            .toList(),
                    next == null ? null : next.run() + "." + next.seq());
        } catch (IOException e) {
            throw away(e);
        }
    }

    private static LedgerRepository.Place place(String text) {
        int dot = text.indexOf('.');
        try {
            return new LedgerRepository.Place(
                    UUID.fromString(text.substring(0, Math.max(dot, 0))), Integer.parseInt(text.substring(dot + 1)));
        } catch (IllegalArgumentException e) {
            throw ProblemException.badParameter("after", "must be what an answer before said as next");
        }
    }

    private static UUID run(String text) {
        try {
            UUID run = UUID.fromString(text);
            if (run.toString().equalsIgnoreCase(text)) {
                return run;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw ProblemException.badParameter("run", "must be the id of a run");
    }

    private static ArchiveView view(Archive.Listed listed, ArchiveRestore.Known known) {
        Manifest manifest = listed.manifest();
        return manifest == null
                ? new ArchiveView(
                        listed.file(),
                        listed.policy(),
                        listed.run(),
                        listed.seq(),
                        null,
                        null,
                        null,
                        null,
                        known.state().wireName(),
                        "unreadable",
                        known.restores())
                : new ArchiveView(
                        manifest.file(),
                        manifest.policy(),
                        manifest.run(),
                        listed.seq(),
                        manifest.schema() + "." + manifest.table(),
                        manifest.rows(),
                        manifest.bytes(),
                        manifest.writtenAt(),
                        known.state().wireName(),
                        "readable",
                        known.restores());
    }

    @POST
    @Path("/{file}/restore")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(
            summary =
                    "Read the rows of a file back into their table, all or none; asks first where triggers would fire on them")
    public Restored restore(@RestPath String file, @Nullable Request request, @Context SecurityContext caller) {
        boolean fireTriggers = request != null && Boolean.TRUE.equals(request.fireTriggers());
        String by = caller.getUserPrincipal().getName();
        ArchiveRestore.Outcome outcome;
        try {
            archive.requireReadable(restore::namesFiles);
            Manifest manifest = (archive.isConfigured() ? archive.find(file) : Optional.<Manifest>empty())
                    .orElseThrow(() -> ProblemException.notFound("there is no archived file of that name"));
            outcome = restore.restore(manifest, fireTriggers, by);
        } catch (Archive.UnreadableManifestException e) {
            throw ProblemException.conflict("the file cannot be read back: " + Archive.why(e));
        } catch (IOException e) {
            throw away(e);
        }
        if (outcome instanceof ArchiveRestore.Outcome.Restored restored) {
            LOG.infof("archive restored file=%s rows=%d by=%s", file, restored.rows(), by);
            return new Restored(file, restored.rows());
        }
        throw ProblemException.conflict(((ArchiveRestore.Outcome.Refused) outcome).why());
    }

    private static ProblemException away(IOException e) {
        return new ProblemException(Problem.of(
                503, "Archive away", "the archive cannot be read (" + Archive.why(e) + "); nothing was read back"));
    }
}
