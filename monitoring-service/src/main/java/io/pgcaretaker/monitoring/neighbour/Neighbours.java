package io.pgcaretaker.monitoring.neighbour;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** The other services as last seen, in memory. */
public final class Neighbours {

    public static final String CLEANUP = "cleanup-service";
    public static final String EMAIL = "email-service";

    private final Map<String, Neighbour> byName = new ConcurrentSkipListMap<>();

    public Neighbours() {
        List.of(CLEANUP, EMAIL).forEach(name -> byName.put(name, Neighbour.unknown(name)));
    }

    public List<Neighbour> all() {
        return List.copyOf(byName.values());
    }

    public Neighbour of(String name) {
        return byName.getOrDefault(name, Neighbour.unknown(name));
    }

    public void put(Neighbour neighbour) {
        byName.put(neighbour.name(), neighbour);
    }
}
