package io.pgcaretaker.cleanup.plan;

import java.util.List;

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
     */
    record Block(long next, long end) implements Cursor {}
}
