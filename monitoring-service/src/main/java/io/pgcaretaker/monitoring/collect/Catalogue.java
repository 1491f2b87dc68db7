package io.pgcaretaker.monitoring.collect;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** All collectors: one SQL file each under {@code collectors/}, and the few that must look before they ask. */
public final class Catalogue {

    /** What the collectors are given from configuration. */
    public record Parameters(Duration failedAuthenticationsWindow, String tokenTable) {}

    private final List<Collector> collectors;

    private Catalogue(List<Collector> collectors) {
        this.collectors = List.copyOf(collectors);
    }

    public static Catalogue load(Parameters parameters) {
        List<Collector> collectors = new ArrayList<>();
        for (SqlFile file : SqlFile.folder("collectors")) {
            collectors.add(
                    file.required("collector").equals("security_events")
                            ? SqlCollector.of(
                                    file,
                                    parameters.failedAuthenticationsWindow().toSeconds())
                            : SqlCollector.of(file));
        }
        collectors.add(new TokenCollector(parameters.tokenTable()));
        return new Catalogue(collectors);
    }

    public List<Collector> of(Pace pace) {
        return collectors.stream().filter(collector -> collector.pace() == pace).toList();
    }

    public List<Collector> all() {
        return collectors;
    }
}
