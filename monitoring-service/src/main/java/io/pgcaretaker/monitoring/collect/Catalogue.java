package io.pgcaretaker.monitoring.collect;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All collectors: one SQL file each under {@code collectors/}, and the few that must look before they ask. */
public final class Catalogue {

    /** What the collectors are given from configuration. */
    public record Parameters(
            Duration failedAuthenticationsWindow,
            String tokenTable,
            int top,
            Duration budget,
            Map<String, String> activity) {}

    private static final String FOLDER = "collectors";

    private final List<Collector> collectors;

    private Catalogue(List<Collector> collectors) {
        this.collectors = List.copyOf(collectors);
    }

    public static Catalogue load(Parameters parameters) {
        List<Collector> collectors = new ArrayList<>();
        for (SqlFile file : SqlFile.folder(FOLDER)) {
            collectors.add(collector(file, parameters));
        }
        for (SqlFile file : SqlFile.folder("console")) {
            collectors.add(SqlCollector.of(file));
        }
        collectors.add(new TokenCollector(parameters.tokenTable()));
        collectors.add(new ActivityCollector(parameters.activity()));
        return new Catalogue(collectors);
    }

    /** For another database, in which Caretaker keeps nothing and whose application is not known. */
    public static Catalogue forTarget(int top, Duration budget) {
        Parameters parameters = new Parameters(Duration.ZERO, "", top, budget, Map.of());
        List<Collector> collectors = new ArrayList<>();
        for (SqlFile file : SqlFile.folder(FOLDER)) {
            if (!file.required("collector").equals("security_events")) {
                collectors.add(collector(file, parameters));
            }
        }
        for (SqlFile file : SqlFile.folder("probe")) {
            collectors.add(SqlCollector.of(file));
        }
        return new Catalogue(collectors);
    }

    private static Collector collector(SqlFile file, Parameters parameters) {
        if (file.required("collector").equals("security_events")) {
            return SqlCollector.of(
                    file, parameters.failedAuthenticationsWindow().toSeconds());
        }
        SqlCollector plain = SqlCollector.of(file);
        Collector whole = file.optional("top")
                .<Collector>map(member -> new TopCollector(plain, parts(file), member, parameters.top()))
                .orElse(plain);
        return file.optional("degrades-to")
                .<Collector>map(aggregate -> new BudgetedCollector(
                        whole, SqlCollector.of(SqlFile.read("aggregates/" + aggregate)), parameters.budget()))
                .orElse(whole);
    }

    private static Optional<SqlCollector> parts(SqlFile file) {
        return file.optional("parts").map(name -> SqlCollector.of(SqlFile.read("parts/" + name)));
    }

    public List<Collector> of(Pace pace) {
        return collectors.stream().filter(collector -> collector.pace() == pace).toList();
    }

    public List<Collector> all() {
        return collectors;
    }
}
