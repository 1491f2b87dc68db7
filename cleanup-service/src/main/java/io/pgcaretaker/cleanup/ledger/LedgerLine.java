package io.pgcaretaker.cleanup.ledger;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one batch deleted. The hash covers the line and the hash of the one before.
 *
 * @param seq 1, 2, 3 … in its run
 * @param writtenAt by the database's clock, in microseconds
 * @param counts canonical JSON: rows by table, names sorted
 * @param archive the file that holds the rows, with its SHA-256
 * @param keys which key made the digests of the rows' keys, a colon, and SHA-256 of them; lines of before have the latter
 *     alone; absent: none were kept
 */
public record LedgerLine(
        UUID runId,
        int seq,
        Instant writtenAt,
        String policy,
        String counts,
        long rows,
        @Nullable String archive,
        @Nullable String keys,
        String prevHash,
        String hash) {

    /**
     * What a batch has done.
     *
     * @param rows over all tables
     */
    public record Entry(
            String policy,
            String counts,
            long rows,
            @Nullable String archive,
            @Nullable Erased erased) {

        @Nullable
        String keys() {
            return erased == null ? null : ErasureKey.sum(erased);
        }
    }

    private static final String KEYS = "keys:";

    /** What stands before the first line of a run. */
    public static final String BEGINNING = "0".repeat(64);

    /** The line after the one of {@code lastHash}; a run's first where there is none. */
    public static LedgerLine after(@Nullable String lastHash, UUID runId, int seq, Instant at, Entry entry) {
        String prevHash = lastHash == null ? BEGINNING : lastHash;
        Instant micros = at.truncatedTo(ChronoUnit.MICROS);
        return new LedgerLine(
                runId,
                seq,
                micros,
                entry.policy(),
                entry.counts(),
                entry.rows(),
                entry.archive(),
                entry.keys(),
                prevHash,
                hash(runId, seq, micros, entry, entry.keys(), prevHash));
    }

    boolean isIntact() {
        // Where the archive's name stands, the sum of the digests would have the same hash, and nobody would miss the
        // digests.
        boolean moved = archive != null && archive.startsWith(KEYS);
        return !moved
                && hash.equals(
                        hash(runId, seq, writtenAt, new Entry(policy, counts, rows, archive, null), keys, prevHash));
    }

    private static String hash(UUID runId, int seq, Instant at, Entry entry, @Nullable String keys, String prevHash) {
        String canonical = String.join(
                "\n",
                runId.toString(),
                Integer.toString(seq),
                at.toString(),
                entry.policy(),
                entry.counts(),
                Long.toString(entry.rows()),
                prevHash);
        if (entry.archive() != null) {
            canonical += "\n" + entry.archive();
        }
        if (keys != null) {
            canonical += "\n" + KEYS + keys;
        }
        return sha256(canonical);
    }

    /** As hexadecimal digits. */
    static String sha256(String canonical) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(canonical.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
