package io.pgcaretaker.cleanup.ledger;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.UUID;

/**
 * What one batch deleted. The hash covers the line and the hash of the one before.
 *
 * @param seq 1, 2, 3 … in its run
 * @param writtenAt by the database's clock, in microseconds
 * @param counts canonical JSON: rows by table, names sorted
 */
public record LedgerLine(
        UUID runId, int seq, Instant writtenAt, String policy, String counts, long rows, String prevHash, String hash) {

    /** What stands before the first line of a run. */
    public static final String BEGINNING = "0".repeat(64);

    /** The line after {@code prevHash}. */
    static LedgerLine next(UUID runId, int seq, Instant at, String policy, String counts, long rows, String prevHash) {
        Instant micros = at.truncatedTo(ChronoUnit.MICROS);
        return new LedgerLine(
                runId,
                seq,
                micros,
                policy,
                counts,
                rows,
                prevHash,
                hash(runId, seq, micros, policy, counts, rows, prevHash));
    }

    boolean isIntact() {
        return hash.equals(hash(runId, seq, writtenAt, policy, counts, rows, prevHash));
    }

    private static String hash(
            UUID runId, int seq, Instant at, String policy, String counts, long rows, String prevHash) {
        String canonical = String.join(
                "\n",
                runId.toString(),
                Integer.toString(seq),
                at.toString(),
                policy,
                counts,
                Long.toString(rows),
                prevHash);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(canonical.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
