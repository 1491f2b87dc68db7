package io.pgcaretaker.cli.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The last line of an export: how many digests stand before it, and a hash of their lines. A file that was cut between two
 * lines, or lost one, looks like a whole one otherwise, and whoever is missing from it would not be erased again. A file may
 * hold several exports, one after the other.
 */
final class ExportEnd {

    private static final String COMPLETE = "complete";
    private static final String DIGESTS = "digests";
    private static final String HASH = "sha256";

    private final MessageDigest hash = sha256();
    private long digests;

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static boolean isEnd(JsonNode line) {
        return line.path(COMPLETE).isObject();
    }

    /** The line of one digest, without its end: a copy may have others. */
    void add(String line) {
        hash.update(line.getBytes(StandardCharsets.UTF_8));
        hash.update((byte) '\n');
        digests++;
    }

    /** How many there are since the last end. */
    long digests() {
        return digests;
    }

    /**
     * Of what was added; begins anew.
     *
     * @param last id of the last digest, behind which the next export goes on
     */
    JsonNode line(long last) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.putObject(COMPLETE)
                .put(DIGESTS, digests)
                .put(HASH, HexFormat.of().formatHex(hash.digest()))
                .put("last", last);
        digests = 0;
        return line;
    }

    /** Whether all that it tells of was added; begins anew. */
    boolean isSaidBy(JsonNode line) {
        JsonNode said = line.path(COMPLETE);
        JsonNode is = line(0).path(COMPLETE);
        return said.path(DIGESTS).asLong() == is.path(DIGESTS).asLong()
                && said.path(HASH).equals(is.path(HASH));
    }
}
