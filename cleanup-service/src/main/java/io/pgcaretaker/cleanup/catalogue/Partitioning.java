package io.pgcaretaker.cleanup.catalogue;

import org.jspecify.annotations.Nullable;

/**
 * How a table is partitioned.
 *
 * @param strategy as {@code pg_partitioned_table.partstrat}: r range, l list, h hash
 * @param keys how many columns or expressions the partition key has
 * @param column the first of them; absent: an expression
 * @param withDefault it has a default partition
 * @param owned this role may alter it
 * @param owner who may
 * @param serverVersion such as 150004
 */
public record Partitioning(
        String strategy,
        int keys,
        @Nullable String column,
        boolean withDefault,
        boolean owned,
        String owner,
        int serverVersion) {

    /** The first version that detaches a partition without keeping readers and writers out. */
    private static final int CONCURRENTLY = 140_000;

    /** PostgreSQL detaches concurrently only where no default partition would have to be looked at. */
    public boolean detachesConcurrently() {
        return serverVersion >= CONCURRENTLY && !withDefault;
    }
}
