package io.pgcaretaker.monitoring.collect;

import java.util.List;
import java.util.Locale;

/**
 * One metric that a collector's rows carry.
 *
 * @param name as Prometheus sees it, exactly; a counter gets no suffix added
 * @param column the rows' column that holds its value
 * @param labels columns that become labels
 */
public record Family(String name, Type type, String help, String column, List<String> labels) {

    /** Instead of a name: each row has it in its column {@code metric}, and the help in {@code help}. */
    public static final String BY_ROW = "";

    /** As in the text exposition format. */
    public enum Type {
        COUNTER,
        GAUGE,
        /** Each row is a bucket up to {@code le}; the last carries {@code sum} and {@code count} too. */
        HISTOGRAM,
        UNTYPED;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Family {
        labels = List.copyOf(labels);
    }
}
