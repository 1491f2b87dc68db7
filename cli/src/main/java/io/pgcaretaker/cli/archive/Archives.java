package io.pgcaretaker.cli.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.pgcaretaker.cli.cleanup.CleanupClient;
import io.pgcaretaker.cli.cleanup.CleanupCommand;
import io.pgcaretaker.cli.local.CannotException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./caretaker archive list} and {@code restore}: what was written to files before it was deleted, and the way back. */
@Command(
        name = "archive",
        mixinStandardHelpOptions = true,
        description = {"Rows that were archived before they were deleted.", CleanupCommand.WHOM_IT_ASKS})
public final class Archives extends CleanupCommand {

    /** The largest page of cleanup-service: files that are written meanwhile come first, and move the others. */
    private static final int PAGE = 500;

    private static final Pattern NOT_TO_BE_SEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

    private static final String NOT_THERE = "the ledger names it, and it is not in the archive, or not its manifest";

    public Archives() {
        this(System.getenv());
    }

    Archives(Map<String, String> environment) {
        super(environment);
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = {
                "A line each file, newest first: its name, table, rows, bytes, when it was written, and what became of it.",
                "committed: its rows were deleted; orphan: they were not; undecided: its batch is under way, or its run",
                "or its database is not known, as after a backup was restored: keep it.",
                "Last those that the ledger names and that are not there (exit code 1)."
            })
    int list(
            @Option(names = "--policy", description = "Only those of this policy.") @Nullable String policy,
            @Option(names = "--run", description = "Only those of this run.") @Nullable String run)
            throws InterruptedException {
        CleanupClient client = client();
        Collection<JsonNode> files = all(client, policy, run);
        Set<String> missing = missing(client, policy, run);
        if (files.isEmpty() && missing.isEmpty()) {
            System.err.println("there is no archived file");
        }
        files.forEach(file -> System.out.println(line(file)));
        missing.forEach(file -> System.out.println(file + "  missing  " + NOT_THERE));
        // Whoever reads only the first lines, as head does, has what they wanted.
        return System.out.checkError() || !missing.isEmpty() ? 1 : 0;
    }

    private static String line(JsonNode file) {
        List<String> words = new ArrayList<>();
        words.add(name(file));
        if (file.has("table")) {
            words.add(file.path("table").asText());
            words.add("rows=" + file.path("rows").asLong());
            words.add("bytes=" + file.path("bytes").asLong());
            words.add(file.path("writtenAt").asText());
        }
        words.add(file.path("state").asText());
        if (!file.path("manifest").asText().equals("readable")) {
            words.add("(its manifest cannot be read)");
        }
        readBack(file).forEach(words::add);
        return oneLine(String.join("  ", words));
    }

    /** A table may have a line break in its name, or what a terminal obeys: there it is as good as any other letter. */
    private static String oneLine(String text) {
        return NOT_TO_BE_SEEN.matcher(text).replaceAll("?");
    }

    private static List<String> readBack(JsonNode file) {
        List<String> times = new ArrayList<>();
        file.path("restores")
                .forEach(restore ->
                        times.add("read back " + restore.path("restoredAt").asText() + " by "
                                + restore.path("restoredBy").asText()));
        return times;
    }

    @Command(
            name = "restore",
            mixinStandardHelpOptions = true,
            description = {
                "Reads the rows of files back into their table, each file all or none (exit code 1 if one was refused).",
                "The policy deletes them again at its next run, unless they are changed or held."
            })
    int restore(
            @Option(
                            names = "--run",
                            description = {
                                "All files of this run, the last one first: its rows may be referred to by those before.",
                                "Those that were read back before are left out: it goes on where it was stopped."
                            })
                    @Nullable
                    String run,
            @Option(
                            names = "--fire-triggers",
                            description = "Also where the table has triggers that fire on rows that are put in.")
                    boolean fireTriggers,
            @Parameters(arity = "0..*", paramLabel = "FILE", description = "As `archive list` names it.") @Nullable
                    List<String> files)
            throws InterruptedException {
        List<String> named = files == null ? List.of() : files;
        if ((run == null) == named.isEmpty()) {
            throw new CannotException("name the files to read back, or a run by --run; `archive list` shows them");
        }
        CleanupClient client = client();
        Set<String> missing = run == null ? Set.of() : missing(client, null, run);
        List<String> wanted = run == null ? named : ofRun(client, run, missing);
        long rows = 0;
        int readBack = 0;
        int refused = missing.size();
        for (String file : wanted) {
            CleanupClient.Answer answer = client.post(
                    "/api/cleanup/archives/" + encoded(file) + "/restore",
                    JsonNodeFactory.instance.objectNode().put("fireTriggers", fireTriggers));
            if (answer.status() == 404 || answer.status() == 409) {
                refused++;
                System.out.println(file + ": refused, " + oneLine(answer.detail()));
            } else {
                long read = client.read(answer, "operator", "rows").path("rows").asLong();
                rows += read;
                readBack++;
                System.out.printf("%s: %,d rows read back%n", file, read);
            }
        }
        System.out.printf("%,d rows of %,d files read back, %,d files refused%n", rows, readBack, refused);
        return refused == 0 ? 0 : 1;
    }

    /** Those whose rows were deleted, and did not come back since; beside them those that should be there, and are not. */
    private static List<String> ofRun(CleanupClient client, String run, Set<String> missing)
            throws InterruptedException {
        List<JsonNode> all = new ArrayList<>(all(client, null, run));
        if (all.isEmpty() && missing.isEmpty()) {
            throw new CannotException("there is no archived file of the run " + run);
        }
        missing.forEach(file -> System.out.println(file + ": refused, " + NOT_THERE));
        // What a row refers to in its own table was there when it was written, so that it is in the same file or a
        // later one.
        all.sort(Comparator.comparingInt((JsonNode file) -> file.path("seq").asInt())
                .reversed());
        List<String> wanted = new ArrayList<>();
        for (JsonNode file : all) {
            List<String> before = readBack(file);
            if (!before.isEmpty()) {
                System.out.println(name(file) + ": left out, " + before.get(before.size() - 1));
            } else if (file.path("state").asText().equals("orphan")) {
                System.out.println(name(file) + ": left out, its rows were not deleted");
            } else {
                wanted.add(name(file));
            }
        }
        return wanted;
    }

    /** What the ledger names and is not there; the service looks again at what was written meanwhile. */
    private static Set<String> missing(CleanupClient client, @Nullable String policy, @Nullable String run)
            throws InterruptedException {
        Set<String> missing = new LinkedHashSet<>();
        String after = "";
        while (after != null) {
            JsonNode page = client.get(
                    "/api/cleanup/archives/missing?size=" + PAGE + which(policy, run) + after, "viewer", "missing");
            page.path("missing").forEach(file -> missing.add(name(file)));
            after = page.has("next") ? "&after=" + encoded(page.path("next").asText()) : null;
        }
        return missing;
    }

    private static String which(@Nullable String policy, @Nullable String run) {
        return (policy == null ? "" : "&policy=" + encoded(policy)) + (run == null ? "" : "&run=" + encoded(run));
    }

    private static String name(JsonNode file) {
        return file.path("file").asText();
    }

    /** Newest first, each once, until a page is empty: one that is not full need not be the last. */
    private static Collection<JsonNode> all(CleanupClient client, @Nullable String policy, @Nullable String run)
            throws InterruptedException {
        String which = which(policy, run);
        Map<String, JsonNode> all = new LinkedHashMap<>();
        JsonNode files;
        int page = 0;
        do {
            files = client.get("/api/cleanup/archives?page=" + page++ + "&size=" + PAGE + which, "viewer", "archives")
                    .path("archives");
            files.forEach(file -> all.putIfAbsent(name(file), file));
        } while (!files.isEmpty());
        return all.values();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
