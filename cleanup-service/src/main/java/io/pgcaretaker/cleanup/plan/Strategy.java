package io.pgcaretaker.cleanup.plan;

import java.util.Locale;

/** In which order a run goes through its table. The word is the same in the table, the plan and the answer. */
public enum Strategy {
    /** Ranges of blocks in the table's own order, each looked at once. */
    BLOCK_RANGES,
    /** Ranges of age and key along the index. */
    KEYSET,
    /** Whole partitions, each detached and dropped. */
    PARTITIONS;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
