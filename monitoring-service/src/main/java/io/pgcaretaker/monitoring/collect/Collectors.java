package io.pgcaretaker.monitoring.collect;

import java.util.List;
import java.util.Optional;

/** Makes collectors of what lies outside of the catalogue. */
public final class Collectors {

    private Collectors() {}

    /** A check: seldom, and nothing of it as a metric by name. */
    public static Collector ofCheck(SqlFile file, String name) {
        SqlCollector collector = new SqlCollector(
                name,
                Pace.SLOW,
                file.versions(),
                file.optional("needs").orElse("the grant pg_monitor"),
                List.of(),
                Optional.empty(),
                file.sql(),
                List.of());
        return granted(file, collector);
    }

    /** Where the file says what must be granted, set or seen, it is skipped without. */
    static Collector granted(SqlFile file, Collector collector) {
        List<String> grants = file.all("grant");
        List<String> settings = file.all("setting");
        String select = String.join(" ", file.all("sees"));
        Optional<String> sees = select.isEmpty() ? Optional.empty() : Optional.of(file.tag() + ' ' + select);
        return grants.isEmpty() && settings.isEmpty() && sees.isEmpty()
                ? collector
                : new GrantedCollector(collector, grants, settings, sees);
    }
}
