package io.pgcaretaker.cleanup.archive;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * What a file of archived rows is, beside it as JSON.
 *
 * @param file its name; rows as CSV with a header, compressed as it ends: {@code .zst} or {@code .gz}
 * @param seq the ledger line of the run that it belongs to
 * @param sha256 of the file as it lies there
 */
public record Manifest(
        String file,
        String policy,
        UUID run,
        int seq,
        String schema,
        String table,
        List<Column> columns,
        long rows,
        long bytes,
        String sha256,
        Instant writtenAt) {

    /** A column and its type as PostgreSQL writes it. */
    public record Column(String name, String type) {}

    public Manifest {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(policy, "policy");
        Objects.requireNonNull(run, "run");
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(sha256, "sha256");
        Objects.requireNonNull(writtenAt, "writtenAt");
        columns = List.copyOf(columns);
    }

    /** As the ledger names it. */
    public String reference() {
        return file + " sha256:" + sha256;
    }
}
