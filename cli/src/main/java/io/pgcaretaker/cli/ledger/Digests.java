package io.pgcaretaker.cli.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cli.local.CannotException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The file that {@code ledger export} writes. */
final class Digests {

    /** As many as cleanup-service takes in one request. */
    static final int AT_ONCE = 10_000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private Digests() {}

    /** By the key that they were made under; empty where the file does not say. */
    static Map<String, List<String>> read(Path file) {
        Map<String, List<String>> digests = new LinkedHashMap<>();
        int number = 0;
        try {
            for (String line : Files.readAllLines(file)) {
                number++;
                if (!line.isBlank()) {
                    JsonNode erasure = JSON.readTree(line);
                    String digest = erasure.path("digest").asText();
                    if (!digest.matches("[0-9a-f]{64}")) {
                        throw new CannotException(
                                file + ", line " + number + ": has no digest; was it written by `ledger export`?");
                    }
                    digests.computeIfAbsent(erasure.path("keyId").asText(), key -> new ArrayList<>())
                            .add(digest);
                }
            }
        } catch (IOException e) {
            throw new CannotException(file + ", line " + number + ": cannot be read as JSON, or not at all", e);
        }
        return digests;
    }
}
