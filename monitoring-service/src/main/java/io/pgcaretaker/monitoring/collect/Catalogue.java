package io.pgcaretaker.monitoring.collect;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

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
            collectors.add(collector(file, parameters).get());
        }
        for (SqlFile file : SqlFile.folder("console")) {
            collectors.add(Collectors.granted(file, SqlCollector.of(file)));
        }
        collectors.add(new TokenCollector(parameters.tokenTable()));
        collectors.add(new ActivityCollector(parameters.activity()));
        return new Catalogue(collectors);
    }

    /**
     * Makes those for other databases, in which Caretaker keeps nothing and whose application is not known. What has no
     * state of its own, such as the statements, is the same for all of them.
     */
    public static Supplier<Catalogue> forTargets(int top, Duration budget) {
        Parameters parameters = new Parameters(Duration.ZERO, "", top, budget, Map.of());
        List<Supplier<Collector>> each = new ArrayList<>();
        for (SqlFile file : SqlFile.folder(FOLDER)) {
            if (!file.required("collector").equals("security_events")) {
                each.add(collector(file, parameters));
            }
        }
        for (SqlFile file : SqlFile.folder("probe")) {
            SqlCollector collector = SqlCollector.of(file);
            each.add(() -> collector);
        }
        return () -> new Catalogue(each.stream().map(Supplier::get).toList());
    }

    private static Supplier<Collector> collector(SqlFile file, Parameters parameters) {
        if (file.required("collector").equals("security_events")) {
            SqlCollector events = SqlCollector.of(
                    file, parameters.failedAuthenticationsWindow().toSeconds());
            return () -> events;
        }
        SqlCollector plain = SqlCollector.of(file);
        Optional<SqlCollector> parts = parts(file);
        Collector single = Collectors.granted(file, plain);
        Supplier<Collector> whole = file.optional("top")
                .<Supplier<Collector>>map(member -> () -> new TopCollector(plain, parts, member, parameters.top()))
                .orElse(() -> single);
        return file.optional("degrades-to")
                .map(name -> SqlCollector.of(SqlFile.read("aggregates/" + name)))
                .<Supplier<Collector>>map(
                        aggregate -> () -> new BudgetedCollector(whole.get(), aggregate, parameters.budget()))
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
