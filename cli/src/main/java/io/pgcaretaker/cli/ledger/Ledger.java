package io.pgcaretaker.cli.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.cli.cleanup.CleanupCommand;
import io.pgcaretaker.cli.local.CannotException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code ./caretaker ledger verify}: exit code 0 when every hash chain is as it was written, 1 otherwise. {@code export}
 * writes who was erased, as digests; {@code replay} erases them again after a backup was restored.
 */
@Command(
        name = "ledger",
        mixinStandardHelpOptions = true,
        description = {"The ledger of what was deleted.", CleanupCommand.WHOM_IT_ASKS})
public final class Ledger extends CleanupCommand {

    public Ledger() {
        this(System.getenv());
    }

    Ledger(Map<String, String> environment) {
        super(environment);
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = "Walks all hash chains and names each broken place (exit code 1).")
    int verify() throws InterruptedException {
        JsonNode verdict = ledger().verify();
        System.out.printf(
                "%,d rows deleted, in %,d ledger lines of %,d runs%n",
                verdict.path("rows").asLong(),
                verdict.path("lines").asLong(),
                verdict.path("runs").asLong());
        for (JsonNode fault : verdict.path("faults")) {
            System.out.printf(
                    "run %s, line %d: %s%n",
                    fault.path("run").asText(),
                    fault.path("seq").asInt(),
                    fault.path("what").asText());
        }
        if (verdict.path("seal").isTextual()) {
            System.out.printf(
                    "%,d seals of ended runs, the last: %s%n",
                    verdict.path("seals").asLong(), verdict.path("seal").asText());
        }
        boolean intact = verdict.path("intact").asBoolean();
        System.out.println(intact ? "intact" : "NOT INTACT");
        return intact ? 0 : 1;
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {
                "Writes a digest of each erased row's key, a JSON object a line, to standard output.",
                "The last line says how many they are: replay refuses a file from which some are missing.",
                "Keep it apart from the database and its backups: a restored backup does not have the newest."
            })
    int export(
            @Option(names = "--after", defaultValue = "0", description = "The id of the last one that you have.")
                    long after)
            throws InterruptedException {
        LedgerClient client = ledger();
        ExportEnd end = new ExportEnd();
        long last = after;
        JsonNode erasures;
        do {
            JsonNode page = client.erasures(last);
            erasures = page.path("erasures");
            for (JsonNode erasure : erasures) {
                String line = erasure.toString();
                end.add(line);
                System.out.println(line);
            }
            requireWritten();
            last = page.path("last").asLong();
        } while (!erasures.isEmpty());
        System.out.println(end.line(last));
        requireWritten();
        return 0;
    }

    private static void requireWritten() {
        // Java's own stream says nothing by itself.
        if (System.out.checkError()) {
            throw new CannotException("not all was written: standard output is closed, or its disk is full");
        }
    }

    @Command(
            name = "replay",
            mixinStandardHelpOptions = true,
            description = {
                "Erases again who was erased before a backup was restored (exit code 1 if anything was refused).",
                "By the service's own ledger, or by a file that `export` wrote.",
                "Before the application starts: who was given such a key since then would be erased, too."
            })
    int replay(
            @Option(names = "--dry-run", description = "Only say how many there are.") boolean dryRun,
            @Option(
                            names = "--since",
                            paramLabel = "MOMENT",
                            description =
                                    "To which tables were put back, such as 2026-11-01T03:00:00Z: who was erased before it is not"
                                            + " looked for. Needed without FILE.")
                    @Nullable
                    Instant since,
            @Option(
                            names = "--incomplete",
                            description = "Also a FILE from which digests are missing, by what its last line says.")
                    boolean incomplete,
            @Parameters(arity = "0..1", paramLabel = "FILE") @Nullable Path file)
            throws InterruptedException {
        LedgerClient client = ledger();
        LedgerClient.Asked asked = new LedgerClient.Asked(dryRun, since);
        if (file == null) {
            return tell(client.replay("", null, asked), Set.of(""));
        }
        AtomicInteger code = new AtomicInteger();
        AtomicBoolean looked = new AtomicBoolean();
        Map<String, JsonNode> replayed = new HashMap<>();
        Set<String> otherKeys = new HashSet<>();
        SortedMap<String, Digests.Named> policies = Digests.each(file, incomplete, (named, keyId, digests) -> {
            if (otherKeys.contains(keyId)) {
                return;
            }
            JsonNode answer = client.replay(keyId, digests, asked);
            if (answer.path("otherKey").isTextual()) {
                // The key was changed once, and those of the present one are in the same file.
                otherKeys.add(keyId);
                code.set(1);
                System.out.println("digests under the key " + keyId + ": refused, "
                        + answer.path("otherKey").asText());
                return;
            }
            looked.set(true);
            answer.path("replays")
                    .forEach(replay -> replayed.put(replay.path("policy").asText(), replay));
            code.accumulateAndGet(tell(answer, named), (one, other) -> one | other);
        });
        if (!looked.get()) {
            // Nobody has said what the policies remember: the key alone was in the way.
            return code.get();
        }
        policies.forEach((policy, digests) -> {
            JsonNode replay = replayed.get(policy);
            if (replay == null) {
                code.set(1);
                tellOther(policy);
            } else {
                code.accumulateAndGet(tellOthers(policy, digests, replay), (one, other) -> one | other);
            }
        });
        return code.get();
    }

    private static int tellOthers(String policy, Digests.Named digests, JsonNode replay) {
        String table = replay.path("table").asText("");
        if (!table.isEmpty()
                && digests.tables().stream().anyMatch(names -> !names.isEmpty() && !names.contains(table))) {
            tellOtherTable(policy);
            return 1;
        }
        String columns = replay.path("columns").asText("");
        if (!columns.isEmpty()
                && digests.columns().stream().anyMatch(then -> !then.isEmpty() && !then.equals(columns))) {
            tellOtherColumns(policy);
            return 1;
        }
        return 0;
    }

    private static void tellOther(String policy) {
        System.out.println("digests of " + policy + ": no policy of that name remembers keys now (remember-keys: true);"
                + " their table was not looked at, unless another policy remembers keys there");
    }

    private static void tellOtherTable(String policy) {
        System.out.println(
                "digests of " + policy + ": some were made while its table had another name, which is part of a"
                        + " digest: whom they stand for cannot be told unless it has that name again");
    }

    private static void tellOtherColumns(String policy) {
        System.out.println(
                "digests of " + policy + ": some were made of other columns than its key has now, or of values that"
                        + " were written otherwise: whom they stand for cannot be told unless the policy goes by those again (key)");
    }

    /** @param named of which policies there are digests; with an empty one where that is not known of all */
    private static int tell(JsonNode answer, Set<String> named) {
        int code = 0;
        for (JsonNode replay : answer.path("replays")) {
            boolean refused = replay.path("refused").isTextual();
            if (refused && isOfNobody(replay, named)) {
                // As one that is shipped, of a table that the application does not have.
                System.out.println(replay.path("policy").asText() + ": "
                        + replay.path("refused").asText() + "; there is no digest of it");
                continue;
            }
            System.out.println(replay.path("policy").asText() + ": "
                    + (refused
                            ? "refused, " + replay.path("refused").asText()
                            : replay.path("matched").asLong() + " were erased before and are there, "
                                    + replay.path("deleted").asLong() + " erased again ("
                                    + replay.path("mode").asText() + ")"));
            code |= refused ? 1 : 0;
            code |= tellEarlier(replay) ? 1 : 0;
        }
        for (JsonNode key : answer.path("otherKeys")) {
            System.out.println("digests of the ledger were made under the key " + key.asText()
                    + ", which is not that of cleanup-service: whom they stand for cannot be told");
            code = 1;
        }
        for (JsonNode policy : answer.path("otherPolicies")) {
            tellOther(policy.asText());
            code = 1;
        }
        for (JsonNode policy : answer.path("otherTables")) {
            tellOtherTable(policy.asText());
            code = 1;
        }
        for (JsonNode policy : answer.path("otherColumns")) {
            tellOtherColumns(policy.asText());
            code = 1;
        }
        return code;
    }

    private static boolean isOfNobody(JsonNode replay, Set<String> named) {
        return !replay.path("table").isTextual()
                && !named.contains("")
                && !named.contains(replay.path("policy").asText());
    }

    private static boolean tellEarlier(JsonNode replay) {
        long earlier = replay.path("earlier").asLong();
        if (earlier > 0) {
            System.out.println(
                    replay.path("policy").asText() + ": " + earlier
                            + " more stay, whose keys the restored ledger has as erased already: others have them now, unless the table"
                            + " was put back apart from Caretaker's schema; then replay with --since, the moment of its backup");
        }
        return earlier > 0;
    }

    private LedgerClient ledger() {
        return new LedgerClient(client());
    }
}
