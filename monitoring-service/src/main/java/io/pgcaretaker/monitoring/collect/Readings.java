package io.pgcaretaker.monitoring.collect;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The last reading of every collector, in memory. Everybody serves from here; nobody asks the database to answer. */
public final class Readings {

    private final Map<String, Reading> byName = new ConcurrentHashMap<>();

    public Reading of(String collector) {
        return byName.getOrDefault(collector, Reading.NEVER);
    }

    public Map<String, Reading> all() {
        return Collections.unmodifiableMap(new TreeMap<>(byName));
    }

    public void put(String collector, Reading reading) {
        byName.put(collector, reading);
    }
}
