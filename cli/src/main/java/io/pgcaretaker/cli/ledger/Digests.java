package io.pgcaretaker.cli.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cli.local.CannotException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The file that {@code ledger export} writes. */
final class Digests {

    /** As many as cleanup-service takes in one request. */
    static final int AT_ONCE = 10_000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private Digests() {}

    static List<String> read(Path file) {
        List<String> digests = new ArrayList<>();
        int number = 0;
        try {
            for (String line : Files.readAllLines(file)) {
                number++;
                if (!line.isBlank()) {
                    String digest = JSON.readTree(line).path("digest").asText();
                    if (!digest.matches("[0-9a-f]{64}")) {
                        throw new CannotException(
                                file + ", line " + number + ": has no digest; was it written by `ledger export`?");
                    }
                    digests.add(digest);
                }
            }
        } catch (IOException e) {
            throw new CannotException(file + ", line " + number + ": cannot be read as JSON, or not at all", e);
        }
        return digests;
    }
}
