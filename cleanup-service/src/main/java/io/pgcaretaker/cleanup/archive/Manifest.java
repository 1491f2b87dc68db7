package io.pgcaretaker.cleanup.archive;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.pgcaretaker.cleanup.catalogue.StoredColumn;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

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

    /**
     * A column.
     *
     * @param type as PostgreSQL writes it
     * @param place by which a column that is called otherwise now is known; files of before do not have it
     * @param fields of the composite types in it: their values are written one behind the other, without names
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Column(
            String name,
            String type,
            @Nullable String place,
            @Nullable String fields) {

        public static Column of(StoredColumn column) {
            return new Column(column.name(), column.type(), column.place(), column.fields());
        }
    }

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
