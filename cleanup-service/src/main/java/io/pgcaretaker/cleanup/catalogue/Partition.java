package io.pgcaretaker.cleanup.catalogue;

import org.jspecify.annotations.Nullable;

/**
 * One partition of a table, directly below it.
 *
 * @param bound as {@code pg_get_expr} writes it, such as {@code FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')}
 * @param expired everything that its bounds allow is older than the cutoff
 * @param pending a concurrent detach was begun and not finished
 * @param obstacle why it cannot be dropped as a whole, for an operator; absent: it can
 */
public record Partition(
        long oid,
        TableName name,
        String bound,
        boolean expired,
        boolean pending,
        long bytes,
        @Nullable String obstacle) {

    /** What no other one takes is in it. */
    public boolean isDefault() {
        return bound.equals("DEFAULT");
    }
}
