package io.pgcaretaker.monitoring.custom;

import io.pgcaretaker.monitoring.Disabled;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.OperatorsFile;
import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.collect.HeavyLane;
import io.pgcaretaker.startup.WrongSetting;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs the operator's metrics, each at its own interval. A file that is wrong stops the start. */
@Singleton
public class CustomMetrics {

    private static final String SETTING = "caretaker.monitoring.custom-metrics-file";

    private final List<Collector> collectors;
    private final HeavyLane lane;
    private final Clock clock;
    private final Map<String, Instant> last = new HashMap<>();

    CustomMetrics(MonitoringConfig config, HeavyLane lane, Clock clock) {
        try {
            this.collectors =
                    config.customMetricsFile().map(file -> read(file, config)).orElse(List.of());
        } catch (IllegalArgumentException e) {
            throw WrongSetting.because(e);
        }
        this.lane = lane;
        this.clock = clock;
    }

    private static List<Collector> read(String file, MonitoringConfig config) {
        String text = OperatorsFile.read(SETTING, file);
        try {
            return new CustomMetricsFile(DurationConverter::parseDuration)
                    .read(text, config.collect().deadline().minusSeconds(1));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(SETTING + " " + file + ": " + e.getMessage(), e);
        }
    }

    /** All of them, for who shows them. */
    public List<Collector> collectors() {
        return collectors;
    }

    @Scheduled(
            every = "{caretaker.monitoring.collect.fast-interval}",
            skipExecutionIf = Disabled.class,
            concurrentExecution = ConcurrentExecution.SKIP)
    void tick() {
        Instant now = clock.instant();
        List<Collector> due =
                collectors.stream().filter(collector -> isDue(collector, now)).toList();
        due.forEach(collector -> last.put(collector.name(), now));
        lane.pass(due);
    }

    private boolean isDue(Collector collector, Instant now) {
        Instant before = last.get(collector.name());
        return before == null
                || collector
                        .interval()
                        .filter(interval -> now.isBefore(before.plus(interval)))
                        .isEmpty();
    }
}
