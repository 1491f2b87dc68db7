package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.collect.Family;
import io.pgcaretaker.monitoring.collect.Reading;
import io.pgcaretaker.monitoring.collect.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What {@code /metrics} shows, by name, from the collectors' memory: a rule sees what a scrape would. */
final class MetricSource {

    /** Names that the database itself decides, such as those of its settings. */
    private static final String BY_ROW_PREFIX = "pg_settings_";

    private record Place(Collector collector, Family family) {}

    /**
     * The samples of one metric by their labels.
     *
     * @param notSeen why they are not known now; absent when they are
     */
    record Sight(
            Map<Map<String, String>, Double> samples,
            @Nullable Observation notSeen) {}

    private final Map<String, List<Place>> places = new TreeMap<>();

    MetricSource(Collection<Collector> collectors) {
        for (Collector collector : collectors) {
            for (Family family : collector.families()) {
                if (family.type() != Family.Type.HISTOGRAM) {
                    places.computeIfAbsent(family.name(), name -> new ArrayList<>())
                            .add(new Place(collector, family));
                }
            }
        }
    }

    boolean knows(String metric) {
        return places.containsKey(metric) || metric.startsWith(BY_ROW_PREFIX);
    }

    /** The labels that its samples have; none when the name is the database's own. */
    List<String> labels(String metric) {
        return places.getOrDefault(metric, List.of()).stream()
                .flatMap(place -> place.family().labels().stream())
                .distinct()
                .toList();
    }

    Sight look(Situation situation, String metric, Map<String, String> match) {
        Map<Map<String, String>, Double> samples = new LinkedHashMap<>();
        Observation notSeen = new Observation.Unknown("not collected yet");
        boolean seen = false;
        for (Place place : places.getOrDefault(metric, places.getOrDefault(Family.BY_ROW, List.of()))) {
            Reading reading = situation.reading(place.collector().name());
            if (reading.outcome() != CollectOutcome.OK || !situation.isFresh(place.collector())) {
                notSeen = Observation.notSeen(reading);
                continue;
            }
            seen = true;
            reading.rows().list().forEach(row -> add(samples, place.family(), row, metric, match));
        }
        return new Sight(samples, seen ? null : notSeen);
    }

    private static void add(
            Map<Map<String, String>, Double> samples,
            Family family,
            Row row,
            String metric,
            Map<String, String> match) {
        if (family.name().equals(Family.BY_ROW) && !row.text("metric").equals(metric)) {
            return;
        }
        double value = row.number(family.column());
        boolean matches = match.entrySet().stream()
                .allMatch(label -> row.text(label.getKey()).equals(label.getValue()));
        if (matches && !Double.isNaN(value)) {
            Map<String, String> labels = new TreeMap<>();
            family.labels().forEach(label -> labels.put(label, row.text(label)));
            samples.put(labels, value);
        }
    }
}
