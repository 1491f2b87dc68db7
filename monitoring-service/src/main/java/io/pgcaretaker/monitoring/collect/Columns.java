package io.pgcaretaker.monitoring.collect;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The names of a statement's columns, held once for all rows of all databases: a hundred of those have a quarter of a
 * million rows.
 */
final class Columns {

    private static final Map<List<String>, Columns> KNOWN = new ConcurrentHashMap<>();

    private final List<String> names;
    private final Map<String, Integer> index = new HashMap<>();

    private Columns(List<String> names) {
        this.names = names;
        for (int i = 0; i < names.size(); i++) {
            index.putIfAbsent(names.get(i), i);
        }
    }

    /** Statements are ours or the configuration's, so their shapes are few. */
    static Columns of(List<String> names) {
        return KNOWN.computeIfAbsent(List.copyOf(names), Columns::new);
    }

    List<String> names() {
        return names;
    }

    /** Negative when there is no such column. */
    int of(String name) {
        return index.getOrDefault(name, -1);
    }
}
