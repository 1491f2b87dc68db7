package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.ErasureKey;
import io.pgcaretaker.cleanup.ledger.ErasureRepository;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.jspecify.annotations.Nullable;

/** Who was erased, as digests; and erasing them again after a backup was restored. */
@Path("/api/cleanup/ledger")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class ReplayResource {

    private static final int MOST_DIGESTS = GivenDigests.MOST;

    /** All digests are read through once. */
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Policies policies;
    private final Transactions transactions;
    private final Replay replay;
    private final CleanupConfig config;
    private final ErasureRepository erasures = new ErasureRepository();

    ReplayResource(Policies policies, Transactions transactions, Replay replay, CleanupConfig config) {
        this.policies = policies;
        this.transactions = transactions;
        this.replay = replay;
        this.config = config;
    }

    /** One page, oldest first; {@code last} is the next page's {@code after}. */
    public record ErasurePage(List<ErasureRepository.Erasure> erasures, long last) {}

    /**
     * What to erase again.
     *
     * @param digests absent: those that this database's ledger has
     * @param erasedAt of each of the digests, as they were answered; absent: nobody knows
     * @param keyId under which key they were made, as they were answered; absent: nobody knows
     * @param since the moment to which the policies' tables were put back: who was erased before it is not looked for. Absent:
     *     they were put back together with the ledger, which tells it
     * @param dryRun only say how many rows there are
     */
    @Schema(name = "ReplayRequest")
    public record Request(
            @Nullable List<String> digests,
            @Nullable List<Instant> erasedAt,
            @Nullable String keyId,
            @Nullable Instant since,
            @Nullable Boolean dryRun) {

        boolean isDryRun() {
            return Boolean.TRUE.equals(dryRun);
        }
    }

    /**
     * What came of each policy that remembers keys.
     *
     * @param otherKeys under which digests of the ledger were made too: whom those stand for cannot be told with this one
     * @param otherPolicies of which the ledger has digests too, and which remember no keys now: their tables were not looked at
     *     unless another policy remembers keys there
     * @param otherTables policies of which the ledger has digests of a table that was called otherwise then: nobody is recognised
     *     by those
     * @param otherColumns policies of which the ledger has digests of keys of other columns than they go by now, or of such whose
     *     values were written otherwise: nobody is recognised by those
     */
    @Schema(name = "ReplayAnswer")
    public record Answer(
            List<PolicyReplay> replays,
            List<String> otherKeys,
            List<String> otherPolicies,
            List<String> otherTables,
            List<String> otherColumns) {}

    /**
     * One policy.
     *
     * @param table that it is about; its name is part of a digest, so that only digests of this name recognise anybody
     * @param columns that its key is of, with how their values are written: digests of other ones recognise nobody
     * @param matched rows that were erased before and are there again
     * @param earlier rows that stay although their key is among the digests: the ledger had it as erased already, so that
     *     somebody else has it now
     * @param refused why nothing was done, or not all
     */
    public record PolicyReplay(
            String policy,
            @Nullable String table,
            @Nullable String columns,
            String mode,
            long matched,
            long earlier,
            long deleted,
            @Nullable UUID run,
            @Nullable String refused) {}

    @GET
    @Path("/erasures")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Digests of the keys of erased rows, in order; keep them apart from the database")
    @APIResponseSchema(value = ErasurePage.class, responseCode = "200", responseDescription = "A page of them")
    @APIResponse(
            responseCode = "409",
            description = "There is no digest of the number after: the database was set back since it was copied")
    public ErasurePage erasures(
            @QueryParam("after") @DefaultValue("0") long after, @QueryParam("size") @DefaultValue("1000") int size) {
        if (size < 1 || size > MOST_DIGESTS) {
            throw ProblemException.badParameter("size", "must be between 1 and " + MOST_DIGESTS + ", but is " + size);
        }
        if (after > 0 && !transactions.run("cleanup.erasure", session -> erasures.isThere(session, after))) {
            // None is ever deleted: numbers are given anew, and those up to this one would be missed.
            throw ProblemException.conflict("there is no digest of the number " + after
                    + ": a backup was restored, or the server failed over, since it was copied; copy all of them anew, from"
                    + " the first one on, and keep the copy that you have");
        }
        List<ErasureRepository.Erasure> page =
                transactions.run("cleanup.erasures", session -> erasures.after(session, after, size));
        return new ErasurePage(
                page, page.isEmpty() ? after : page.get(page.size() - 1).id());
    }

    @POST
    @Path("/replay")
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(
            summary = "Erase again what was erased before a backup was restored: by the given digests, or the ledger's",
            description =
                    "Goes by keys alone, so before the application starts: whoever was given a key since then that an"
                            + " erased row had would be erased, too. Try it with dryRun. Digests that the ledger of the"
                            + " restored database has already recognise nobody, since those rows had gone before its backup.")
    public Answer replay(@Nullable Request request, @Context SecurityContext caller) {
        Request asked = request == null ? new Request(null, null, null, null, null) : request;
        Replay.Known known = known(asked);
        ErasureKey key = ErasureKey.of(config.ledgerKey())
                .orElseThrow(() -> ProblemException.conflict(
                        "caretaker.cleanup.ledger-key is not set: no keys are remembered, and none can be recognised"));
        requireSame(key, asked.keyId());
        requireMoment(asked);
        List<PolicyReplay> replays = new ArrayList<>();
        for (RetentionPolicy policy : policies.all()) {
            if (policy.rememberKeys()) {
                Replay.Outcome outcome = replay.replay(
                        policy,
                        key,
                        known,
                        asked.isDryRun(),
                        caller.getUserPrincipal().getName());
                if (asked.digests() == null && isOfNobody(policy, outcome)) {
                    outcome = new Replay.Outcome.Replayed(0, 0, null);
                }
                replays.add(view(policy, outcome, known instanceof GivenDigests given ? given.takeEarlier() : 0));
            }
        }
        return asked.digests() == null
                ? new Answer(
                        replays, otherKeys(key), otherPolicies(replays), otherTables(replays), otherColumns(replays))
                : new Answer(replays, List.of(), List.of(), List.of(), List.of());
    }

    /**
     * Of its own ledger's digests a database that was restored as a whole has nobody again: who is there by such a key got it
     * later. Of a table that was put back alone, only who was erased since.
     */
    private void requireMoment(Request asked) {
        Instant since = asked.since();
        if (since != null && since.isAfter(now())) {
            throw ProblemException.invalidField(
                    "since",
                    "must not lie in the future: nobody was erased after it, and so nobody would be looked for");
        }
        if (asked.digests() == null && asked.since() == null && !asked.isDryRun()) {
            throw ProblemException.invalidField(
                    "since",
                    "must be given without digests: the moment to which the tables were put back, beside a ledger that is newer;"
                            + " who was erased before it had gone by then, and whoever is there by their key is somebody else");
        }
    }

    /** By the database's clock, which is the one that the ledger's times are of. */
    private Instant now() {
        return transactions.run("cleanup.clock", Session::now);
    }

    /** By a digest of another key nobody is recognised, and a replay that erased nobody would look like one that need not. */
    private static void requireSame(ErasureKey key, @Nullable String made) {
        if (made != null && !made.equals(key.id())) {
            throw ProblemException.conflict("these digests were made under the ledger key " + made
                    + ", and caretaker.cleanup.ledger-key is another one, " + key.id()
                    + ": nobody is recognised by them");
        }
    }

    private List<String> otherKeys(ErasureKey key) {
        return transactions.run(
                "cleanup.erasure-keys",
                DEADLINE,
                Duration.ofSeconds(1),
                session -> erasures.otherKeys(session, key.id()));
    }

    private List<String> otherPolicies(List<PolicyReplay> replays) {
        List<String> names = replays.stream().map(PolicyReplay::policy).toList();
        return transactions.run(
                "cleanup.erasure-policies",
                DEADLINE,
                Duration.ofSeconds(1),
                session -> erasures.otherPolicies(session, names));
    }

    private List<String> otherTables(List<PolicyReplay> replays) {
        Map<String, String> tables = byPolicy(replays, PolicyReplay::table);
        return transactions.run(
                "cleanup.erasure-tables",
                DEADLINE,
                Duration.ofSeconds(1),
                session -> erasures.otherTables(session, tables));
    }

    private List<String> otherColumns(List<PolicyReplay> replays) {
        Map<String, String> columns = byPolicy(replays, PolicyReplay::columns);
        return transactions.run(
                "cleanup.erasure-columns",
                DEADLINE,
                Duration.ofSeconds(1),
                session -> erasures.otherColumns(session, columns));
    }

    private static Map<String, String> byPolicy(
            List<PolicyReplay> replays, Function<PolicyReplay, @Nullable String> what) {
        Map<String, String> found = new HashMap<>();
        for (PolicyReplay replay : replays) {
            String now = what.apply(replay);
            if (now != null) {
                found.put(replay.policy(), now);
            }
        }
        return found;
    }

    private Replay.Known known(Request asked) {
        Instant since = asked.since();
        if (asked.digests() != null) {
            return new GivenDigests(asked.digests(), asked.erasedAt(), since, erasures);
        }
        return since == null ? erasures::known : (session, digests) -> erasures.knownSince(session, digests, since);
    }

    /** As one that is shipped, where the application has no such table. Whether digests that were given are of it, their file says. */
    private boolean isOfNobody(RetentionPolicy policy, Replay.Outcome outcome) {
        return outcome instanceof Replay.Outcome.Refused refused
                && refused.run() == null
                && replay.table(policy).isEmpty()
                && !transactions.run(
                        "cleanup.erasure-any",
                        DEADLINE,
                        Duration.ofSeconds(1),
                        session -> erasures.hasAny(session, policy.name()));
    }

    private PolicyReplay view(RetentionPolicy policy, Replay.Outcome outcome, long earlier) {
        String mode = policy.mode().wireName();
        String table = replay.table(policy).orElse(null);
        String columns = replay.columns(policy).orElse(null);
        if (outcome instanceof Replay.Outcome.Replayed done) {
            return new PolicyReplay(
                    policy.name(), table, columns, mode, done.matched(), earlier, done.deleted(), done.run(), null);
        }
        Replay.Outcome.Refused refused = (Replay.Outcome.Refused) outcome;
        return new PolicyReplay(
                policy.name(),
                table,
                columns,
                mode,
                refused.matched(),
                earlier,
                refused.deleted(),
                refused.run(),
                refused.why());
    }
}
