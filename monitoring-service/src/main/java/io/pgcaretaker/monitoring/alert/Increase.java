package io.pgcaretaker.monitoring.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How much counters have risen within a window, all series together. One that falls was reset and counts from zero; a
 * series counts from its second look on. It is kept in memory, so after a restart the window fills anew.
 */
final class Increase {

    private record Step(Instant at, double by) {}

    private record Last(Instant at, double value) {}

    private final Duration window;
    private final Map<Map<String, String>, Last> last = new HashMap<>();
    private final Deque<Step> steps = new ArrayDeque<>();

    Increase(Duration window) {
        this.window = window;
    }

    /** Within the window that ends now; empty at the first look, when there is nothing to compare with. */
    synchronized OptionalDouble with(Map<Map<String, String>, Double> samples, Instant now) {
        boolean first = last.isEmpty();
        double by = 0;
        for (Map.Entry<Map<String, String>, Double> sample : samples.entrySet()) {
            double value = sample.getValue();
            Last before = last.put(sample.getKey(), new Last(now, value));
            if (before != null) {
                by += value < before.value() ? value : value - before.value();
            }
        }
        steps.addLast(new Step(now, by));
        Instant begin = now.minus(window);
        while (!steps.isEmpty() && steps.getFirst().at().isBefore(begin)) {
            steps.removeFirst();
        }
        last.values().removeIf(seen -> seen.at().isBefore(begin));
        return first
                ? OptionalDouble.empty()
                : OptionalDouble.of(steps.stream().mapToDouble(Step::by).sum());
    }
}
