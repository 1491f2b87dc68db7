package io.pgcaretaker.cli.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cli.local.CannotException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The file that {@code ledger export} writes. */
final class Digests {

    /** As many as cleanup-service takes in one request. */
    static final int AT_ONCE = 10_000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private Digests() {}

    /**
     * What is done with some of a file: of which policies the whole file is, the key that they were made under, and they; empty where
     * the file does not say of some.
     */
    interface Part {
        void take(Set<String> named, String keyId, List<Erased> digests) throws InterruptedException;
    }

    /**
     * What a file says of one policy's digests.
     *
     * @param tables whose rows went together
     * @param columns that keys were of; empty where it does not say
     */
    record Named(Set<List<String>> tables, Set<String> columns) {}

    /** Who was erased, and when; empty where the file does not say. */
    record Erased(String digest, String at) {}

    /**
     * Hands over all of a file, part by part, after it was looked at to its end: it may be of many years, and half of it must
     * not be replayed for a slip in the other half. Answers which policies they are of, where the file says so,
     * and what it says of each.
     *
     * @param incomplete also where some are missing that the export wrote
     */
    static SortedMap<String, Named> each(Path file, boolean incomplete, Part part) throws InterruptedException {
        SortedMap<String, Named> policies = new TreeMap<>();
        Ends ends = read(file, (policy, tables, columns, keyId, erased) -> {
            Named named = policies.computeIfAbsent(policy, name -> new Named(new HashSet<>(), new HashSet<>()));
            named.tables().add(tables);
            named.columns().add(columns);
        });
        if (policies.isEmpty()) {
            throw new CannotException(file
                    + " holds no digest: nothing was looked for, nobody is erased again; did `ledger export` fail?");
        }
        if (!incomplete) {
            ends.require(file);
        }
        Set<String> named = Set.copyOf(policies.keySet());
        policies.remove("");
        Map<String, List<Erased>> waiting = new LinkedHashMap<>();
        read(file, (policy, tables, columns, keyId, erased) -> {
            List<Erased> digests = waiting.computeIfAbsent(keyId, key -> new ArrayList<>());
            digests.add(erased);
            if (digests.size() == AT_ONCE) {
                part.take(named, keyId, List.copyOf(digests));
                digests.clear();
            }
        });
        for (Map.Entry<String, List<Erased>> rest : waiting.entrySet()) {
            if (!rest.getValue().isEmpty()) {
                part.take(named, rest.getKey(), rest.getValue());
            }
        }
        return policies;
    }

    private interface Line {
        void take(String policy, List<String> tables, String columns, String keyId, Erased erased)
                throws InterruptedException;
    }

    /**
     * Whether all is there that was exported.
     *
     * @param broken number of the first line that says of another number or hash than what stands before it; 0 where none
     * @param open digests behind the last such line
     */
    private record Ends(int broken, long open) {

        void require(Path file) {
            if (broken > 0) {
                throw new CannotException(file + ", line " + broken
                        + ": not all that was exported stands before it, or something else: nobody is erased again; take"
                        + " another copy, or --incomplete to replay what is there");
            }
            if (open > 0) {
                throw new CannotException(file
                        + ": its end is missing, by which `ledger export` says that it wrote all ("
                        + open + " digests stand behind the last one): nobody is erased again; take another copy, or"
                        + " --incomplete to replay what is there");
            }
        }
    }

    private static Ends read(Path file, Line line) throws InterruptedException {
        ExportEnd end = new ExportEnd();
        int broken = 0;
        int number = 0;
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String text = lines.readLine(); text != null; text = lines.readLine()) {
                number++;
                if (!text.isBlank()) {
                    JsonNode erasure = JSON.readTree(text);
                    if (ExportEnd.isEnd(erasure)) {
                        if (!end.isSaidBy(erasure) && broken == 0) {
                            broken = number;
                        }
                        continue;
                    }
                    end.add(text);
                    String digest = erasure.path("digest").asText();
                    if (!digest.matches("[0-9a-f]{64}")) {
                        throw new CannotException(
                                file + ", line " + number + ": has no digest; was it written by `ledger export`?");
                    }
                    List<String> tables = new ArrayList<>();
                    erasure.path("tables").forEach(table -> tables.add(table.asText()));
                    line.take(
                            erasure.path("policy").asText(),
                            tables,
                            erasure.path("columns").asText(""),
                            erasure.path("keyId").asText(),
                            new Erased(digest, erasure.path("erasedAt").asText()));
                }
            }
            return new Ends(broken, end.digests());
        } catch (NoSuchFileException e) {
            throw new CannotException("there is no file " + file, e);
        } catch (FileSystemException e) {
            throw new CannotException(
                    file + " cannot be read: " + (e.getReason() == null ? "permission denied" : e.getReason()), e);
        } catch (IOException e) {
            throw new CannotException(file + ", line " + number + ": cannot be read as JSON", e);
        }
    }
}
