package io.pgcaretaker.cleanup.statement;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a run stands in its table. What lies before it was looked at in this pass. */
public sealed interface Cursor {

    /**
     * In the order of age and key.
     *
     * @param age the last row's age, as text
     * @param key its key, as texts
     */
    record Row(String age, List<String> key) implements Cursor {
        public Row {
            key = List.copyOf(key);
        }
    }

    /**
     * In the table's own order.
     *
     * @param next the first block not yet looked at
     * @param end the table's blocks when the run began; what is written later is too young
     * @param leaf the oid of the partition whose blocks these are, 0 before the first; absent: the table is not partitioned
     */
    record Block(long next, long end, @Nullable Long leaf) implements Cursor {
        public Block(long next, long end) {
            this(next, end, null);
        }
    }
}
