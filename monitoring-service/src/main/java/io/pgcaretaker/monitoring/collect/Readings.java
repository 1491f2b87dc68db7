package io.pgcaretaker.monitoring.collect;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The last reading of every collector, in memory. Everybody serves from here; nobody asks the database to answer. */
public final class Readings {

    private final Map<String, Reading> byName = new ConcurrentHashMap<>();

    private final Map<String, Pace> paces = new ConcurrentHashMap<>();
    private final Map<String, Cost> costs = new ConcurrentHashMap<>();

    public Reading of(String collector) {
        return byName.getOrDefault(collector, Reading.NEVER);
    }

    public Map<String, Reading> all() {
        return Collections.unmodifiableMap(new TreeMap<>(byName));
    }

    /** All of them, in no order. */
    public Collection<Reading> each() {
        return Collections.unmodifiableCollection(byName.values());
    }

    /** What the collector has cost so far. */
    public Cost cost(String collector) {
        return costs.getOrDefault(collector, Cost.NONE);
    }

    /** How often the collector looks; absent before its first look. */
    public Optional<Pace> pace(String collector) {
        return Optional.ofNullable(paces.get(collector));
    }

    void charge(Collector collector, Duration took, Rows rows) {
        paces.put(collector.name(), collector.pace());
        costs.merge(collector.name(), Cost.NONE.plus(took, rows), (before, now) -> before.plus(took, rows));
    }

    public void put(String collector, Reading reading) {
        byName.put(collector, reading);
    }
}
